package logs

import (
	"bytes"
	"time"

	"github.com/pidledger/pidledger/ingest/azure"
)

// prefix is what stands before the text of a log line: what a build server, a container runtime or the program's own logger puts there.
// Which of them it was does not matter. Each puts marks of a few kinds before a line (a time, a level, the name of a job, a colour), and
// cutPrefix takes them off one by one, whatever their order, until something stands there that is not one.
type prefix struct {
	times  int    // marks that are times: a logger's line in the log of a build has two, its continuation lines have one
	at     int64  // the last of them that has a date: the logger's own where there is one
	timed  bool   // there is such a time
	record bool   // a level in brackets stands there: a record of Terraform's log begins
	logger []byte // name after that level: provider.terraform-provider-azurerm_v3.50.0_x5
	name   []byte // of the job or container whose line it is; nil for none
}

// Bounds of what is taken for a prefix.
const (
	maxMarks   = 12  // on one line
	maxMark    = 100 // bytes of a mark in brackets, or of a logger's name
	maxPipe    = 64  // bytes before the | of a job's name
	maxTabs    = 200 // bytes before the tabs after the names of a job and its step
	minDate    = 16  // bytes of the shortest time with a date: 2026-03-02 10:05
	loggerHead = 512 // bytes in which the name of a logger is looked for
)

var byteOrderMark = []byte("\ufeff")

// cutPrefix takes the prefix off a line. It looks at the first bytes of the line only.
func cutPrefix(b []byte) (p prefix, rest []byte) {
	b = skipBlanks(b)
	if n := p.tabs(b); n > 0 {
		b = skipBlanks(b[n:])
	}
	for range maxMarks {
		n := p.mark(b)
		if n == 0 {
			break
		}
		b = skipBlanks(b[n:])
		if len(b) > 1 && (b[0] == '-' || b[0] == ':' || b[0] == '|') && azure.IsSpace(b[1]) { // between a mark and what follows
			b = skipBlanks(b[1:])
		}
	}
	return p, b
}

// skipBlanks cuts blanks and byte order marks off the front: a step's log begins with one, wherever it ends up in the log of the build.
func skipBlanks(b []byte) []byte {
	for len(b) > 0 {
		switch {
		case azure.IsSpace(b[0]):
			b = b[1:]
		case bytes.HasPrefix(b, byteOrderMark):
			b = b[len(byteOrderMark):]
		default:
			return b
		}
	}
	return b
}

// mark reads one mark off the front of b and returns its length, 0 when none stands there.
func (p *prefix) mark(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch c := b[0]; {
	case azure.IsDigit(c):
		if n := p.time(b); n > 0 {
			return n
		}
		return p.pipe(b)
	case c == '[':
		if n := colourLen(b); n > 0 {
			return n
		}
		return p.bracket(b)
	case c == '|':
		if len(b) == 1 || azure.IsSpace(b[1]) {
			return 1
		}
	case c == '#':
		return hashMark(b)
	case 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z':
		if n := p.level(b); n > 0 {
			return n
		}
		if n := monthClock(b); n > 0 {
			p.times++
			return n + len(sysLogger(b[n:]))
		}
		if n := p.pipe(b); n > 0 {
			return n
		}
		for _, program := range programs {
			if bytes.HasPrefix(b, program) {
				return len(program)
			}
		}
		return p.named(b)
	}
	return 0
}

// time reads a time with or without a date.
func (p *prefix) time(b []byte) int {
	if n := azure.ClockLen(b); n > 0 && (n == len(b) || azure.IsSpace(b[n])) {
		p.times++
		return n
	}
	if n, at := epochLen(b); n > 0 {
		p.times++
		p.at, p.timed = at, true
		return n
	}
	// Up to three words: date and time, and what tells the zone or the half of the day.
	ends, n := [3]int{}, 0
	for i := 0; n < len(ends) && i <= len(b) && i < maxMark; i++ {
		if i == len(b) || b[i] == ' ' || b[i] == '\t' {
			ends[n] = i
			n++
		}
	}
	for n--; n >= 0; n-- {
		text := bytes.TrimRight(b[:ends[n]], ":,;|")
		if len(text) < minDate {
			break
		}
		at, ok := azure.ParseCalendar(text)
		if !ok {
			at, ok = namedMonth(text)
		}
		if !ok {
			continue
		}
		p.times++
		p.at, p.timed = at, true
		end := len(text)
		rest := b[ends[n]:]
		if end == ends[n] && len(rest) > 4 && azure.IsHex(rest[1]) && azure.IsHex(rest[2]) && (rest[3] == 'O' || rest[3] == 'E') && (rest[4] == ' ' || rest[4] == '+') {
			return end + 5 // GitLab: number and kind of the stream
		}
		if end == ends[n] {
			end += len(sysLogger(rest))
		}
		return end
	}
	return 0
}

// namedMonth reads 02-Mar-2026 10:05:00.
func namedMonth(b []byte) (int64, bool) {
	if len(b) < 20 || b[2] != '-' || b[6] != '-' {
		return 0, false
	}
	at, err := time.Parse("02-Jan-2006 15:04:05", string(b))
	return at.UnixMicro(), err == nil
}

// epochLen returns the length of seconds or milliseconds since 1970 at the front of b, and the time; 0 when something else stands there.
func epochLen(b []byte) (n int, at int64) {
	for n < len(b) && n < 20 && (azure.IsDigit(b[n]) || b[n] == '.') {
		n++
	}
	if n < 10 || n == len(b) || !azure.IsSpace(b[n]) {
		return 0, 0
	}
	at, ok := azure.ParseEpoch(b[:n])
	if !ok {
		return 0, 0
	}
	return n, at
}

// monthClock returns the length of "Mar  2 10:05:00" at the front of b, which names no year.
func monthClock(b []byte) int {
	if len(b) < 12 || b[3] != ' ' {
		return 0
	}
	rest := bytes.TrimLeft(b[3:], " ")
	day := digitsLen(rest, 2)
	if azure.MonthNumber(b) == 0 || day == 0 || day == len(rest) || rest[day] != ' ' {
		return 0
	}
	n := azure.ClockLen(rest[day+1:])
	if n == 0 {
		return 0
	}
	return len(b) - len(rest) + day + 1 + n
}

// sysLogger returns " host program[123]:", which syslog writes after the time.
func sysLogger(b []byte) []byte {
	host := bytes.IndexByte(b[min(1, len(b)):min(maxMark, len(b))], ' ')
	if host <= 0 {
		return nil
	}
	program := b[host+2 : min(host+2+maxMark, len(b))]
	end := bytes.Index(program, []byte("]: "))
	if end < 3 || bytes.ContainsAny(program[:end], " \t") {
		return nil
	}
	open := bytes.LastIndexByte(program[:end], '[')
	if open < 1 || open == end-1 {
		return nil
	}
	for _, c := range program[open+1 : end] {
		if !azure.IsDigit(c) {
			return nil
		}
	}
	return b[:host+2+end+2]
}

// bracket reads [...]: a time, a level, or the name of a job.
func (p *prefix) bracket(b []byte) int {
	end := bytes.IndexByte(b[:min(len(b), maxMark)], ']')
	if end < 2 {
		return 0
	}
	inner, n := azure.Trim(b[1:end]), end+1
	if n+1 < len(b) && azure.IsAlnum(b[n]) && b[n+1] == ':' { // TeamCity: the kind of the line
		n += 2
	} else if n < len(b) && b[n] == ':' {
		n++
	}
	switch {
	case len(inner) == 0:
		return 0
	case isLevel(inner):
		p.record = true
		return n
	case azure.IsDigit(inner[0]) && len(inner) >= minDate:
		if at, ok := azure.ParseCalendar(inner); ok {
			p.times++
			p.at, p.timed = at, true
			return n
		}
	case azure.IsDigit(inner[0]) && isElapsed(inner), monthClock(inner) > 0:
		p.times++
		return n
	}
	if n < len(b) && !azure.IsSpace(b[n]) || !isName(inner, " ():,+#") {
		return 0
	}
	name, _, _ := bytes.Cut(inner, []byte{':'}) // what follows may count lines
	p.addName(name)
	return n
}

// colourLen returns the length of a colour at the front of b that has lost its escape: [36m.
func colourLen(b []byte) int {
	n := 1
	for n < len(b) && n < 12 && (azure.IsDigit(b[n]) || b[n] == ';') {
		n++
	}
	if n < 2 || n == len(b) || b[n] != 'm' {
		return 0
	}
	return n + 1
}

// isElapsed tells a clock or a number of seconds.
func isElapsed(b []byte) bool {
	colons := 0
	for _, c := range b {
		switch {
		case c == ':' || c == '.':
			colons++
		case azure.IsDigit(c), c == 's', c == ',', c == ' ':
		default:
			return false
		}
	}
	return colons > 0
}

// isName tells the names that jobs, steps and containers have.
func isName(b []byte, also string) bool {
	for _, c := range b {
		if !azure.IsAlnum(c) && bytes.IndexByte([]byte("._-/@"), c) < 0 && bytes.IndexByte([]byte(also), c) < 0 {
			return false
		}
	}
	return len(b) > 0
}

func (p *prefix) addName(name []byte) {
	if p.name == nil {
		p.name = name
	}
}

// pipe reads "job | ", which runners of several programs at once write.
func (p *prefix) pipe(b []byte) int {
	end := bytes.IndexByte(b[:min(len(b), maxPipe)], '|')
	if end < 1 || end+1 < len(b) && !azure.IsSpace(b[end+1]) {
		return 0
	}
	name := bytes.TrimRight(b[:end], " \t")
	if !isName(name, "") {
		return 0
	}
	p.addName(name)
	return end + 1
}

// tabs reads the names of a job and a step that stand before a time: job TAB step TAB time.
func (p *prefix) tabs(b []byte) int {
	n := 0
	for range 2 {
		tab := bytes.IndexByte(b[n:min(len(b), maxTabs)], '\t')
		if tab < 1 {
			return 0
		}
		n += tab + 1
		rest := skipBlanks(b[n:])
		var at prefix
		if len(rest) > minDate && azure.IsDigit(rest[0]) && at.time(rest) > 0 && at.timed {
			p.addName(b[:n-1])
			return n
		}
	}
	return 0
}

// programs are named before their lines by what runs them.
var programs = [...][]byte{[]byte("terraform: "), []byte("tofu: ")}

// hashMark reads "##[debug]", and "#12 0.345 " of an image build.
func hashMark(b []byte) int {
	if bytes.HasPrefix(b, []byte("##[")) {
		return bytes.IndexByte(b[:min(len(b), maxMark)], ']') + 1
	}
	n := 1
	for _, part := range [...]struct {
		most int
		end  byte // 0: a blank, or the end of the line
	}{{4, ' '}, {6, '.'}, {3, 0}} {
		digits := digitsLen(b[n:], part.most)
		n += digits
		switch {
		case digits == 0:
			return 0
		case part.end == 0 && (n == len(b) || b[n] == ' '):
			return n
		case n == len(b) || b[n] != part.end:
			return 0
		}
		n++
	}
	return 0
}

// digitsLen returns how many digits stand at the front of b, no more than most.
func digitsLen(b []byte, most int) (n int) {
	for n < most && n < len(b) && azure.IsDigit(b[n]) {
		n++
	}
	return n
}

// levels are the words for how grave a line is, or where it was written; in brackets, or with a colon, a dash or a pipe after.
var levels = [...]string{"trace", "debug", "verbose", "info", "notice", "warn", "warning", "error", "fatal", "stdout", "stderr"}

func isLevel(b []byte) bool {
	if len(b) > 7 {
		return false
	}
	for _, l := range levels {
		if azure.EqualFold(b, l) {
			return true
		}
	}
	return false
}

func (p *prefix) level(b []byte) int {
	end := 0
	for end < len(b) && end < 8 && 'a' <= b[end]|0x20 && b[end]|0x20 <= 'z' {
		end++
	}
	if !isLevel(b[:end]) || end == len(b) {
		return 0
	}
	if b[end] == ':' {
		return end + 1
	}
	rest := skipBlanks(b[end:])
	capital := b[1] >= 'A' && b[1] <= 'Z'
	if len(rest) == 0 || len(rest) == len(b)-end || !capital || rest[0] == '/' || bytes.HasPrefix(rest, []byte("http")) {
		return 0 // prose, or the HTTP method TRACE
	}
	return end
}

// named reads the name of a logger after a level in brackets.
func (p *prefix) named(b []byte) int {
	if !p.record || p.logger != nil {
		return 0
	}
	end := bytes.IndexByte(b[:min(len(b), maxMark)], ':')
	if end < 1 || end+1 < len(b) && !azure.IsSpace(b[end+1]) || !isName(b[:end], "") || bytes.IndexByte(b[:end], '.') < 0 {
		return 0
	}
	p.logger = b[:end]
	return end + 1
}

// azLoggers end the names of the loggers whose messages show the requests of az and of Python programs, newest first.
var azLoggers = [...][]byte{[]byte("sdk.policies"), []byte("http_logging_policy"), []byte("msrest.http_logger")}

// cutAzLogger finds such a name. What stands before it is a prefix, of whatever kind; message is what follows, with its indent.
func cutAzLogger(line []byte) (before, message []byte, ok bool) {
	head := line[:min(len(line), loggerHead)]
	for _, name := range azLoggers {
		i := bytes.Index(head, name)
		if i < 0 {
			continue
		}
		rest := bytes.TrimLeft(line[i+len(name):], " ")
		if len(rest) == 0 || rest[0] != ':' && rest[0] != '|' {
			continue
		}
		start := bytes.LastIndexAny(head[:i], " \t:|") + 1
		return line[:start], bytes.TrimPrefix(rest[1:], []byte(" ")), true
	}
	return nil, nil, false
}
