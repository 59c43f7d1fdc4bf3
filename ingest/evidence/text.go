package evidence

import (
	"bytes"
	"errors"
	"io"

	"github.com/pidledger/pidledger/ingest/azure"
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

// DetectText tells by the head of a file whether Text would find requests in it, and in which shape. For lines that look like the log of
// something else, of a build for instance, the shape is empty: requests may stand far from its beginning, and Found tells when it is read.
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
	if shape, reason = p.Found(); shape != "" {
		return shape, reason, true
	}
	for _, m := range textMarks {
		if bytes.Contains(head, []byte(m.mark)) {
			return m.shape, "text with " + m.mark, true
		}
	}
	return "", "lines that begin with a time, as in the log of a build", isLog(head)
}

// Found returns the shape of the first request that Text found, and what it was known by; nothing when it found none.
func (p *Parser) Found() (shape, reason string) {
	if r := p.trace.found; r != nil {
		return r.Name, r.reason
	}
	return "", ""
}

// NoCalls is what to say of a log in which Text found nothing.
const NoCalls = "a log in which no call to Azure can be read; az writes its calls with --debug, Terraform with TF_LOG=DEBUG, Azure PowerShell with -Debug"

// isLog tells a log by its first lines, most of which have a time in their prefix.
func isLog(head []byte) bool {
	const look = 50
	lines, timed := 0, 0
	var scratch []byte
	for len(head) > 0 && lines < look {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte{'\n'})
		line, scratch = plain(line, scratch)
		if len(azure.Trim(line)) == 0 {
			continue
		}
		lines++
		if pre, _ := cutPrefix(line); pre.times > 0 {
			timed++
		}
	}
	return timed > 1 && timed*2 > lines
}

// textMarks tell logs whose first requests may stand far from their beginning.
var textMarks = []struct{ mark, shape string }{
	{"[INFO]  Terraform version", "ua.tflog"},
	{"provider.terraform-provider-", "ua.tflog"},
	{"plugin.terraform-provider-", "ua.tflog"},
	{"cli.knack.cli: ", "ua.azdebug"},
	{"cli.azure.cli.core", "ua.azdebug"},
	{"msrest.http_logger", "ua.azdebug"},
}
