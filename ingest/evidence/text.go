package evidence

import (
	"bytes"
	"errors"
	"io"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/evidence/logs"
	"github.com/pidledger/pidledger/ingest/source"
)

// Text reads a text file that holds HTTP requests with their User-Agents: Terraform logs, az --debug, PowerShell -Debug, HTTP traces,
// access logs. Lines that belong to no request are passed over. It ends with Flush.
func (p *Parser) Text(r io.Reader, sink *Sink) error {
	p.sink = sink
	lines := source.NewLines(r, source.LineOptions{})
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			p.Flush(sink)
			return nil
		}
		if err != nil {
			return err
		}
		p.ordinal, p.line = line.Number, line.Number
		p.trace.Line(line.Number, line.Bytes)
	}
}

// DetectText tells by the head of a file whether Text would find requests in it, and in which shape. For lines that look like the log of
// something else, of a build for instance, the shape is empty: requests may stand far from its beginning, and Found tells when it is read.
func DetectText(head []byte) (shape, reason string, ok bool) {
	p := matchers.Get().(*Parser)
	defer func() {
		p.Tally()
		matchers.Put(p)
	}()
	p.trace.Forget()
	if err := p.Text(bytes.NewReader(head), NewSink()); err != nil {
		return "", "", false
	}
	if shape, reason = p.Found(); shape != "" {
		return shape, reason, true
	}
	for _, m := range textMarks {
		if bytes.Contains(head, []byte(m.mark)) {
			return m.shape, "text with " + m.mark, true
		}
	}
	return "", "lines that begin with a time, as in the log of a build", logs.IsLog(head)
}

// Found returns the shape of the first request that Text found, and what it was known by; nothing when it found none.
func (p *Parser) Found() (shape, reason string) {
	if shape = p.trace.Found(); shape != "" {
		reason = p.s.rule(shape).reason
	}
	return shape, reason
}

// NoCalls is what to say of a log in which Text found nothing.
const NoCalls = "a log in which no call to Azure can be read; az writes its calls with --debug, Terraform with TF_LOG=DEBUG, Azure PowerShell with -Debug"

// textMarks tell logs whose first requests may stand far from their beginning.
var textMarks = []struct{ mark, shape string }{
	{"[INFO]  Terraform version", "ua.tflog"},
	{"provider.terraform-provider-", "ua.tflog"},
	{"plugin.terraform-provider-", "ua.tflog"},
	{"cli.knack.cli: ", "ua.azdebug"},
	{"cli.azure.cli.core", "ua.azdebug"},
	{"msrest.http_logger", "ua.azdebug"},
}

// receiver takes what the tracer finds in the lines of a log.
type receiver struct{ p *Parser }

func (r receiver) Exchange(shape string, x *logs.Exchange, number int64) {
	p := r.p
	current := p.ordinal
	p.ordinal = number
	p.scratch = p.scratch[:0]
	p.count(p.keepRequest(p.s.rule(shape), x))
	p.ordinal = current
}

func (r receiver) LiveTraffic(shape string, text []byte, at int64, timed bool) bool {
	p := r.p
	if !p.loadText(text) {
		p.reject("", text, "live traffic that is not a whole JSON object")
		return false
	}
	p.logTime, p.logTimed = at, timed
	k := p.requestAs(p.s.rule(shape), p.s.families["request"])
	p.logTimed = false
	p.count(k)
	return true
}

func (r receiver) Record(line []byte, at int64, timed bool) (message []byte, when int64, isTimed, ok bool) {
	p, f := r.p, r.p.s.families["request"]
	if !p.loadText(line) {
		p.reject("", line, "a log record that is not a whole JSON object")
		return nil, 0, false, false
	}
	if when, isTimed = azure.ParseTime(p.text(f, fEventTS)); !isTimed {
		when, isTimed = at, timed
	}
	return p.text(f, fMessage), when, isTimed, true
}

func (r receiver) NoRequest() { r.p.count(kindLogLine) }

// loadText begins a record that is JSON in a line of text; false when it is not.
func (p *Parser) loadText(text []byte) bool {
	p.rec.next()
	v := p.parseText(text)
	if v == nil {
		return false
	}
	p.rec.set(0, v)
	p.rec.expand(0)
	return true
}
