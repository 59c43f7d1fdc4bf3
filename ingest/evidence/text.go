package evidence

import (
	"bytes"
	"errors"
	"io"

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
		p.trace.line(line.Bytes)
	}
}

// DetectText tells by the head of a file whether Text would find requests in it, and in which shape.
func DetectText(head []byte) (shape, reason string, ok bool) {
	p := matchers.Get().(*Parser)
	defer func() {
		p.Tally()
		matchers.Put(p)
	}()
	p.trace.found = nil
	if err := p.Text(bytes.NewReader(head), NewSink()); err != nil {
		return "", "", false
	}
	if r := p.trace.found; r != nil {
		return r.Name, r.reason, true
	}
	for _, m := range textMarks {
		if bytes.Contains(head, []byte(m.mark)) {
			return m.shape, "text with " + m.mark, true
		}
	}
	return "", "", false
}

// textMarks tell logs whose first requests may stand far from their beginning.
var textMarks = []struct{ mark, shape string }{
	{"[INFO]  Terraform version", "ua.tflog"},
	{"provider.terraform-provider-", "ua.tflog"},
	{"cli.knack.cli: ", "ua.azdebug"},
	{"cli.azure.cli.core", "ua.azdebug"},
}
