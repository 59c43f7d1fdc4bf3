package evidence

import (
	"bytes"
	"maps"
	"slices"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/evidence/words"
)

// section is the part of an exchange that the lines of a log are in.
type section int

const (
	betweenSections section = iota
	requestHeaders
	responseHeaders
	bodySection
)

// openExchange is a request that may still get its answer.
type openExchange struct {
	exchange
	rule    *rule
	ordinal int64
	headers int   // header lines that mean something
	named   bool  // each of its lines names the logger: other lines are no part of it
	before  int64 // time of the last line that had one, for a request that nothing else dates; 0: none had
}

// Bounds of what waits in memory.
const (
	maxOpen    = 4096 // requests that wait for an answer; the oldest goes without
	maxStreams = 256  // jobs or containers that are told apart; the lines of others are read as one
)

// tracer finds requests and answers in log lines. A Terraform log interleaves many requests: their answers name the URL. Where several
// programs write one log and their lines name them, each has a tracer of its own.
type tracer struct {
	p       *Parser
	request *family
	rules   map[string]*rule
	found   *rule // shape of the first request found
	scratch []byte

	streams map[string]*tracer // by the name in the prefix of their lines
	talking *tracer            // the one that had the line before

	open    []*openExchange // oldest first
	current *openExchange
	next    *openExchange // whose answer follows, as the line of the connection pool says
	section section
	mode    *rule  // shape that the next request line has
	log     *rule  // shape of Terraform requests: by the form of the log
	answer  bool   // the next request line repeats one that is open (azcore)
	expect  string // PowerShell: what the next line that is not blank is

	times  int    // in the prefix of the lines of the section; a line with more begins something else
	each   bool   // each line of the request is a record of its own: old Terraform
	logger []byte // that writes them

	at     int64 // time of the line, or of the record that it belongs to
	timed  bool
	marked bool  // the time is that of a mark, and the request line follows
	last   int64 // time of the last line that had one, 0 for none
}

func newTracer(p *Parser) *tracer {
	t := &tracer{p: p, request: p.s.families["request"], rules: map[string]*rule{}, streams: map[string]*tracer{}}
	for i := range p.s.rules {
		t.rules[p.s.rules[i].Name] = &p.s.rules[i]
	}
	t.mode, t.log = t.rules["ua.trace"], t.rules["ua.tflog"]
	t.talking = t
	return t
}

// Marks in log lines, as their writers spell them.
var (
	markTFRequest   = []byte("AzureRM Request")
	markTFResponse  = []byte("AzureRM Response")
	markLiveTraffic = []byte("Live traffic: ")
	markReceived    = []byte("RESPONSE RECEIVED")
	markOutgoing    = []byte("OUTGOING REQUEST")
	markStatus      = []byte("RESPONSE Status: ")
	markPool        = []byte("connectionpool")
	markPSRequest   = []byte("= HTTP REQUEST =")
	markPSResponse  = []byte("= HTTP RESPONSE =")
	markTimestamp   = []byte(": timestamp=")
)

// message reads one record of a log that is JSON, of which each record may hold several lines.
func (t *tracer) message(text []byte, at int64, timed bool) kind {
	interesting := false
	for _, mark := range [...][]byte{markTFRequest, markTFResponse, markLiveTraffic, markReceived, markOutgoing} {
		interesting = interesting || bytes.Contains(text, mark)
	}
	if !interesting {
		return kindLogLine
	}
	t.endSection()
	t.log = t.rules["ua.tfjson"]
	t.at, t.timed, t.marked = at, timed, true
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte{'\n'})
		t.content(bytes.TrimSuffix(line, []byte{'\r'}))
	}
	t.endSection()
	t.marked = false
	return kindNone
}

// line reads one line of a text log.
func (t *tracer) line(b []byte) {
	b, t.scratch = plain(b, t.scratch)
	if before, message, ok := cutAzLogger(b); ok {
		pre, _ := cutPrefix(before)
		s := t.stream(pre.name)
		s.date(&pre)
		s.azLine(message, true)
		return
	}
	pre, rest := cutPrefix(b)
	t.stream(pre.name).read(&pre, rest)
}

// stream returns the tracer of the program that a line is of. A line that names none belongs to the request that the line before it was of.
func (t *tracer) stream(name []byte) *tracer {
	switch {
	case len(name) > 0:
		s := t.streams[string(name)]
		if s == nil && len(t.streams) < maxStreams {
			s = &tracer{p: t.p, request: t.request, rules: t.rules, mode: t.rules["ua.trace"], log: t.rules["ua.tflog"]}
			t.streams[string(name)] = s
		}
		if s != nil {
			t.talking = s
			return s
		}
	case t.talking.section != betweenSections || t.talking.marked || t.talking.expect != "" || t.talking.current != nil:
		return t.talking
	}
	t.talking = t
	return t
}

// date notes the time of a line. Without one it has that of its record, if it belongs to one.
func (t *tracer) date(pre *prefix) {
	if pre.timed {
		t.at, t.timed, t.last = pre.at, true, pre.at
	} else if !t.marked {
		t.timed = false
	}
}

// read reads a line behind its prefix.
func (t *tracer) read(pre *prefix, line []byte) {
	t.date(pre)
	switch {
	case t.current != nil && t.current.named:
		if !t.starts(line) {
			t.connection(line)
		}
		return
	case t.each && pre.record:
		if !bytes.Equal(pre.logger, t.logger) {
			return
		}
	case pre.record || pre.times > t.times:
		t.endSection()
		t.each = false
		t.times = pre.times
	default:
		t.times = min(t.times, pre.times)
	}
	if t.section == betweenSections {
		if t.connection(line) {
			return
		}
		if bytes.HasPrefix(line, []byte(`{"`)) && bytes.Contains(line, []byte(`"@message"`)) {
			t.jsonRecord(line)
			return
		}
	}
	begun := len(t.open)
	t.content(line)
	if len(t.open) > begun && t.mode == t.log && pre.record {
		t.each, t.logger = true, append(t.logger[:0], pre.logger...)
	}
}

// jsonRecord reads a record of TF_LOG=JSON that stands in a text: talk of other programs comes between, or each line has a prefix.
func (t *tracer) jsonRecord(line []byte) {
	p := t.p
	p.rec.next()
	v := p.parseText(line)
	if v == nil {
		p.reject("", line, "a log record that is no whole JSON object")
		return
	}
	p.rec.set(0, v)
	p.rec.expand(0)
	at, timed := azure.ParseTime(p.text(t.request, fEventTS))
	if !timed {
		at, timed = t.at, t.timed
	}
	p.count(t.message(p.text(t.request, fMessage), at, timed))
}

// content reads a line without its log prefix.
func (t *tracer) content(b []byte) {
	if len(b) > 2 && (b[0] == '>' || b[0] == '<') && b[1] == ' ' { // curl -v
		b = b[2:]
	}
	line := azure.Trim(b)
	if len(line) == 0 {
		if t.section != betweenSections && (t.current == nil || t.current.rule.Name != "ua.psdebug") {
			t.toBody()
		}
		return
	}
	switch {
	case t.marks(line):
	case t.azMessage(line):
	case t.section == requestHeaders || t.section == responseHeaders:
		t.header(line)
	case t.section == betweenSections:
		t.accessLog(line)
	}
}

// starts reads lines that begin a record about a request, whatever stood before. It returns false for all others.
func (t *tracer) starts(line []byte) bool {
	if i := bytes.Index(line, markLiveTraffic); i >= 0 {
		t.liveTraffic(line[i+len(markLiveTraffic):])
		return true
	}
	if i := bytes.Index(line, markTFRequest); i >= 0 {
		t.endSection()
		t.current = nil
		t.mode, t.marked = t.log, true
		return true
	}
	if i := bytes.Index(line, markTFResponse); i >= 0 {
		t.terraformResponse(line[i+len(markTFResponse):])
		return true
	}
	if bytes.Contains(line, markReceived) || bytes.Contains(line, markOutgoing) {
		t.endSection()
		t.current = nil
		t.answer, t.marked = bytes.Contains(line, markReceived), true
		return true
	}
	return t.powerShell(line)
}

// marks reads lines that begin something: a request, an answer, a section. It returns false for all others.
func (t *tracer) marks(line []byte) bool {
	if t.starts(line) {
		return true
	}
	if status, ok := bytes.CutPrefix(line, markStatus); ok {
		t.status(status)
		return true
	}
	if bytes.HasPrefix(line, []byte("HTTP/")) {
		if _, status, ok := bytes.Cut(line, []byte{' '}); ok && words.LeadingCode(azure.Trim(status)) != 0 {
			t.status(azure.Trim(status))
			return true
		}
	}
	if (t.section == responseHeaders || t.section == requestHeaders) && bytes.HasPrefix(line, []byte("---")) {
		t.toBody()
		return true
	}
	method, url := requestLine(line)
	if len(url) == 0 || !t.isMethod(method) || url[0] != '/' && !bytes.HasPrefix(url, []byte("http")) {
		return false
	}
	if rest := line[len(method)+1+len(url):]; len(azure.Trim(rest)) > 0 && !bytes.HasPrefix(azure.Trim(rest), []byte("HTTP/")) {
		return false // prose
	}
	t.begin(t.mode, method, url)
	return true
}

// isMethod tells an HTTP method, in capitals.
func (t *tracer) isMethod(word []byte) bool {
	if len(word) < 3 || word[0] < 'A' || word[0] > 'Z' {
		return false
	}
	_, ok := t.p.s.vocab.Methods.Look(word)
	return ok
}

// begin opens a request, or takes up the open one that this line repeats.
func (t *tracer) begin(r *rule, method, url []byte) {
	t.endSection()
	t.section, t.marked, t.next = requestHeaders, false, nil
	if t.answer {
		t.answer = false
		for _, x := range t.open {
			if bytes.Equal(x.method, method) && bytes.Equal(x.url, url) {
				t.current = x
				return
			}
		}
	}
	x := &openExchange{rule: r, ordinal: t.p.ordinal}
	x.method, x.url = bytes.Clone(method), bytes.Clone(url)
	x.at, x.timed, x.before = t.at, t.timed, t.last
	if len(t.open) == maxOpen {
		t.finish(t.open[0])
	}
	t.open = append(t.open, x)
	t.current = x
}

// terraformResponse finds the request that an answer belongs to: " for <url>: ", with the status line to follow or behind it.
func (t *tracer) terraformResponse(rest []byte) {
	t.endSection()
	_, url, ok := bytes.Cut(rest, []byte(" for "))
	if !ok { // it names no URL
		if len(t.open) == 1 && t.open[0].rule == t.log {
			t.current, t.section = t.open[0], responseHeaders
		}
		return
	}
	url, status, _ := bytes.Cut(azure.Trim(url), []byte{' '})
	url = bytes.TrimSuffix(url, []byte{':'})
	_, path := splitURL(url)
	t.current = nil
	for _, x := range t.open {
		if _, own := splitURL(x.url); bytes.Equal(own, path) && x.rule == t.log {
			t.current = x
			break
		}
	}
	t.section = responseHeaders
	if bytes.HasPrefix(status, []byte("HTTP/")) {
		_, status, _ = bytes.Cut(status, []byte{' '})
		t.status(azure.Trim(status))
	}
}

// splitURL cuts a URL into host and the rest.
func splitURL(url []byte) (host, path []byte) {
	if i := bytes.Index(url, []byte("://")); i >= 0 {
		rest := url[i+3:]
		if i = bytes.IndexByte(rest, '/'); i >= 0 {
			return rest[:i], rest[i:]
		}
		return rest, nil
	}
	return nil, url
}

// status notes the answer's status and begins its headers.
func (t *tracer) status(text []byte) {
	switch {
	case t.next != nil:
		t.current, t.next = t.next, nil
	case t.current == nil && len(t.open) == 1 && t.mode != t.log: // Terraform names the URL
		t.current = t.open[0]
	}
	t.section = responseHeaders
	if t.current != nil {
		t.current.status = t.p.s.vocab.HTTPCode(text)
	}
}

// liveTraffic reads what azapi logs: one JSON object with request and response.
func (t *tracer) liveTraffic(text []byte) {
	end := jsonEnd(text)
	p := t.p
	p.rec.next()
	v := p.parseText(text[:end])
	if v == nil {
		p.reject("", text, "live traffic that is no whole JSON object")
		return
	}
	p.rec.set(0, v)
	p.rec.expand(0)
	p.logTime, p.logTimed = t.at, t.timed
	if !t.timed && t.last != 0 {
		p.logTime, p.logTimed = t.last, true
	}
	r := t.rules["ua.livetraffic"]
	k := p.requestAs(r, t.request)
	p.logTimed = false
	p.count(k)
	p.trace.note(r)
}

// jsonEnd returns where the JSON object at the start of text ends, or the length of text.
func jsonEnd(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// header reads one header line of the current section: Name: value, 'Name': 'value', or Name   : value.
func (t *tracer) header(line []byte) {
	x := t.current
	if x == nil {
		return
	}
	if i := bytes.LastIndex(line, markTimestamp); i > 0 { // hclog puts its fields behind the last line of a message
		line = line[:i]
	}
	name, value, ok := bytes.Cut(line, []byte{':'})
	if !ok {
		return
	}
	name, value = unquote(azure.Trim(name)), unquote(bytes.TrimSuffix(azure.Trim(value), []byte{','}))
	if len(value) == 0 {
		return
	}
	response := t.section == responseHeaders
	var field *[]byte
	switch {
	case azure.EqualFold(name, "user-agent") && !response, azure.EqualFold(name, "x-ms-useragent") && !response && len(x.agent) == 0:
		field = &x.agent
	case azure.EqualFold(name, "x-ms-correlation-request-id") && response:
		field = &x.respCorrelation
	case azure.EqualFold(name, "x-ms-correlation-request-id"):
		field = &x.reqCorrelation
	case azure.EqualFold(name, "x-ms-client-request-id"):
		if response {
			x = t.answered(value)
		}
		field = &x.clientRequest
	case azure.EqualFold(name, "x-ms-request-id") && response:
		field = &x.serviceRequest
	case azure.EqualFold(name, "date") && response:
		if at, ok := azure.ParseTime(value); ok && !x.timed {
			x.at, x.timed = at, true
		}
		return
	case azure.EqualFold(name, "host") && !response:
		if len(x.url) > 0 && x.url[0] == '/' {
			x.url = bytes.Join([][]byte{[]byte("https://"), value, x.url}, nil)
		}
		return
	default:
		return
	}
	*field = bytes.Clone(value)
	x.headers++
}

// answered returns the request that an answer with this client request id is to, which becomes the current one. What was read of the
// answer before goes with it.
func (t *tracer) answered(client []byte) *openExchange {
	x := t.current
	if len(x.clientRequest) == 0 || bytes.EqualFold(x.clientRequest, client) {
		return x
	}
	for _, o := range t.open {
		if o != x && o.rule == x.rule && bytes.EqualFold(o.clientRequest, client) {
			o.status, o.respCorrelation, o.serviceRequest = x.status, x.respCorrelation, x.serviceRequest
			x.status, x.respCorrelation, x.serviceRequest = 0, nil, nil
			t.current = o
			break
		}
	}
	return t.current
}

// connection reads the line that the connection pool of Python writes when an answer comes, before az shows that: it says to what it is,
// where several requests wait.
//
//	urllib3.connectionpool: https://management.azure.com:443 "PUT /subscriptions/... HTTP/1.1" 202 420
func (t *tracer) connection(line []byte) bool {
	i := bytes.Index(line[:min(len(line), loggerHead)], markPool)
	if i < 0 || len(t.open) == 0 {
		return false
	}
	_, line, _ = bytes.Cut(line[i:], []byte{'"'})
	method, url := requestLine(line)
	for _, x := range t.open {
		if _, path := splitURL(x.url); x.rule.Name == "ua.azdebug" && bytes.Equal(x.method, method) && bytes.Equal(path, url) {
			t.next = x
			return true
		}
	}
	return false
}

// unquote cuts a pair of quotes off.
func unquote(b []byte) []byte {
	if n := len(b); n >= 2 && (b[0] == '\'' || b[0] == '"') && b[n-1] == b[0] {
		return b[1 : n-1]
	}
	return b
}

// toBody ends the headers. An answer is complete then.
func (t *tracer) toBody() {
	if t.section == responseHeaders {
		t.endSection()
	}
	t.section = bodySection
}

// endSection ends what the lines were in. A request stays open until its answer's headers have been read.
func (t *tracer) endSection() {
	if t.section == responseHeaders && t.current != nil {
		t.finish(t.current)
		t.current = nil
	}
	t.section = betweenSections
	t.expect = ""
}

// finish makes a row of a request.
func (t *tracer) finish(x *openExchange) {
	for i := range t.open {
		if t.open[i] == x {
			t.open = append(t.open[:i], t.open[i+1:]...)
			break
		}
	}
	if x.rule.Name == "ua.trace" && x.headers == 0 || len(x.method) == 0 || len(x.url) == 0 {
		return // a line of prose that looks like a request line
	}
	if !x.timed && x.before != 0 {
		x.at, x.timed = x.before, true
	}
	x.status = max(x.status, 0)
	t.keep(x.rule, &x.exchange, x.ordinal)
}

func (t *tracer) keep(r *rule, x *exchange, ordinal int64) {
	p := t.p
	current := p.ordinal
	p.ordinal = ordinal
	p.scratch = p.scratch[:0]
	p.count(p.keepRequest(r, x))
	p.ordinal = current
	p.trace.note(r)
}

func (t *tracer) note(r *rule) {
	if t.found == nil {
		t.found = r
	}
}

// flush ends the file.
func (t *tracer) flush() {
	for _, name := range slices.Sorted(maps.Keys(t.streams)) {
		t.streams[name].flush()
	}
	clear(t.streams)
	t.endSection()
	for len(t.open) > 0 {
		t.finish(t.open[0])
	}
	t.current, t.next, t.mode, t.log, t.answer = nil, nil, t.rules["ua.trace"], t.rules["ua.tflog"], false
	t.times, t.each, t.timed, t.marked, t.last, t.talking = 0, false, false, false, 0, t
}
