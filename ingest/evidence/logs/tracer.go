// Package logs finds requests and their answers in the lines of logs: of Terraform, az and Azure PowerShell with their debug output on, of
// web servers and HTTP tools, also where a build server or a container runtime has put something before each line.
//
//	line -> prefix off (prefix.go) -> marks and sections of the writers (tracer.go, clilogs.go, accesslog.go) -> Exchange
package logs

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
	Exchange
	shape   string
	ordinal int64
	headers int   // header lines that mean something
	named   bool  // each of its lines names the logger: other lines are not part of it
	before  int64 // time of the last line that had one, for a request that nothing else dates; 0: none had
}

// Bounds of what waits in memory.
const (
	maxOpen    = 4096 // requests that wait for an answer; the oldest goes without
	maxStreams = 256  // jobs or containers that are told apart; the lines of others are read as one
)

// shared is what the tracers of one file have together.
type shared struct {
	out    Receiver
	vocab  *words.Vocabulary
	number int64  // of the line or record that is read
	found  string // shape of the first request found
}

// Tracer finds requests and answers in log lines. A Terraform log interleaves many requests: their answers name the URL. Where several
// programs write one log and their lines name them, each has a tracer of its own.
type Tracer struct {
	*shared
	scratch []byte

	streams map[string]*Tracer // by the name in the prefix of their lines
	talking *Tracer            // the one that had the line before

	open    []*openExchange // oldest first
	current *openExchange
	next    *openExchange // whose answer follows, as the line of the connection pool says
	section section
	mode    string // shape that the next request line has
	log     string // shape of Terraform requests: by the form of the log
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

// New returns a tracer for the lines of one file.
func New(out Receiver, vocab *words.Vocabulary) *Tracer {
	t := &Tracer{shared: &shared{out: out, vocab: vocab}, streams: map[string]*Tracer{}, mode: "ua.trace", log: "ua.tflog"}
	t.talking = t
	return t
}

// Found returns the shape of the first request that was found since the last Forget; empty when there was none.
func (t *Tracer) Found() string { return t.found }

// Forget starts over for Found.
func (t *Tracer) Forget() { t.found = "" }

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

// Message reads one record of a log that is JSON, of which each record may hold several lines; number is that of the record. It reports
// whether the record is about a request.
func (t *Tracer) Message(number int64, text []byte, at int64, timed bool) bool {
	t.number = number
	interesting := false
	for _, mark := range [...][]byte{markTFRequest, markTFResponse, markLiveTraffic, markReceived, markOutgoing} {
		interesting = interesting || bytes.Contains(text, mark)
	}
	if !interesting {
		return false
	}
	t.endSection()
	t.log = "ua.tfjson"
	t.at, t.timed, t.marked = at, timed, true
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte{'\n'})
		t.content(bytes.TrimSuffix(line, []byte{'\r'}))
	}
	t.endSection()
	t.marked = false
	return true
}

// Line reads one line of a text log; number is that of the line.
func (t *Tracer) Line(number int64, b []byte) {
	t.number = number
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
func (t *Tracer) stream(name []byte) *Tracer {
	switch {
	case len(name) > 0:
		s := t.streams[string(name)]
		if s == nil && len(t.streams) < maxStreams {
			s = &Tracer{shared: t.shared, mode: "ua.trace", log: "ua.tflog"}
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
func (t *Tracer) date(pre *prefix) {
	if pre.timed {
		t.at, t.timed, t.last = pre.at, true, pre.at
	} else if !t.marked {
		t.timed = false
	}
}

// read reads a line after its prefix.
func (t *Tracer) read(pre *prefix, line []byte) {
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
func (t *Tracer) jsonRecord(line []byte) {
	message, at, timed, ok := t.out.Record(line, t.at, t.timed)
	if ok && !t.Message(t.number, message, at, timed) {
		t.out.NoRequest()
	}
}

// content reads a line without its log prefix.
func (t *Tracer) content(b []byte) {
	if len(b) > 2 && (b[0] == '>' || b[0] == '<') && b[1] == ' ' { // curl -v
		b = b[2:]
	}
	line := azure.Trim(b)
	if len(line) == 0 {
		if t.section != betweenSections && (t.current == nil || t.current.shape != "ua.psdebug") {
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
func (t *Tracer) starts(line []byte) bool {
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
func (t *Tracer) marks(line []byte) bool {
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
	method, url := RequestLine(line)
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
func (t *Tracer) isMethod(word []byte) bool {
	if len(word) < 3 || word[0] < 'A' || word[0] > 'Z' {
		return false
	}
	_, ok := t.vocab.Methods.Look(word)
	return ok
}

// begin opens a request, or takes up the open one that this line repeats.
func (t *Tracer) begin(shape string, method, url []byte) {
	t.endSection()
	t.section, t.marked, t.next = requestHeaders, false, nil
	if t.answer {
		t.answer = false
		for _, x := range t.open {
			if bytes.Equal(x.Method, method) && bytes.Equal(x.URL, url) {
				t.current = x
				return
			}
		}
	}
	x := &openExchange{shape: shape, ordinal: t.number}
	x.Method, x.URL = bytes.Clone(method), bytes.Clone(url)
	x.At, x.Timed, x.before = t.at, t.timed, t.last
	if len(t.open) == maxOpen {
		t.finish(t.open[0])
	}
	t.open = append(t.open, x)
	t.current = x
}

// terraformResponse finds the request that an answer belongs to: " for <url>: ", with the status line to follow or after it.
func (t *Tracer) terraformResponse(rest []byte) {
	t.endSection()
	_, url, ok := bytes.Cut(rest, []byte(" for "))
	if !ok { // it names no URL
		if len(t.open) == 1 && t.open[0].shape == t.log {
			t.current, t.section = t.open[0], responseHeaders
		}
		return
	}
	url, status, _ := bytes.Cut(azure.Trim(url), []byte{' '})
	url = bytes.TrimSuffix(url, []byte{':'})
	_, path := splitURL(url)
	t.current = nil
	for _, x := range t.open {
		if _, own := splitURL(x.URL); bytes.Equal(own, path) && x.shape == t.log {
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

// status notes the answer's status and begins its headers.
func (t *Tracer) status(text []byte) {
	switch {
	case t.next != nil:
		t.current, t.next = t.next, nil
	case t.current == nil && len(t.open) == 1 && t.mode != t.log: // Terraform names the URL
		t.current = t.open[0]
	}
	t.section = responseHeaders
	if t.current != nil {
		t.current.Status = t.vocab.HTTPCode(text)
	}
}

// liveTraffic reads what azapi logs: one JSON object with request and response.
func (t *Tracer) liveTraffic(text []byte) {
	at, timed := t.at, t.timed
	if !timed && t.last != 0 {
		at, timed = t.last, true
	}
	const shape = "ua.livetraffic"
	if t.out.LiveTraffic(shape, text[:jsonEnd(text)], at, timed) {
		t.note(shape)
	}
}

// toBody ends the headers. An answer is complete then.
func (t *Tracer) toBody() {
	if t.section == responseHeaders {
		t.endSection()
	}
	t.section = bodySection
}

// endSection ends what the lines were in. A request stays open until its answer's headers have been read.
func (t *Tracer) endSection() {
	if t.section == responseHeaders && t.current != nil {
		t.finish(t.current)
		t.current = nil
	}
	t.section = betweenSections
	t.expect = ""
}

// finish makes a row of a request.
func (t *Tracer) finish(x *openExchange) {
	for i := range t.open {
		if t.open[i] == x {
			t.open = append(t.open[:i], t.open[i+1:]...)
			break
		}
	}
	if x.shape == "ua.trace" && x.headers == 0 || len(x.Method) == 0 || len(x.URL) == 0 {
		return // a line of prose that looks like a request line
	}
	if !x.Timed && x.before != 0 {
		x.At, x.Timed = x.before, true
	}
	x.Status = max(x.Status, 0)
	t.keep(x.shape, &x.Exchange, x.ordinal)
}

func (t *Tracer) keep(shape string, x *Exchange, number int64) {
	t.out.Exchange(shape, x, number)
	t.note(shape)
}

func (t *Tracer) note(shape string) {
	if t.found == "" {
		t.found = shape
	}
}

// Flush ends the file: requests that still wait for their answer go without.
func (t *Tracer) Flush() {
	for _, name := range slices.Sorted(maps.Keys(t.streams)) {
		t.streams[name].Flush()
	}
	clear(t.streams)
	t.endSection()
	for len(t.open) > 0 {
		t.finish(t.open[0])
	}
	t.current, t.next, t.mode, t.log, t.answer = nil, nil, "ua.trace", "ua.tflog", false
	t.times, t.each, t.timed, t.marked, t.last, t.talking = 0, false, false, false, 0, t
}
