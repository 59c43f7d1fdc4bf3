package logs

import (
	"bytes"

	"github.com/pidledger/pidledger/ingest/azure"
)

// azLine reads a message of the loggers of az, with its indent. named tells that the line names the logger: then all lines of the request
// do, and what comes between is not a part of it.
func (t *Tracer) azLine(text []byte, named bool) {
	if len(azure.Trim(text)) == 0 {
		return
	}
	name, value, ok := bytes.Cut(text, []byte{':'})
	if azure.IsSpace(text[0]) || !ok { // an indented header, or a body
		if t.section == requestHeaders || t.section == responseHeaders {
			t.header(azure.Trim(text))
		}
		return
	}
	value = unquote(azure.Trim(value))
	switch string(name) {
	case "Request URL":
		t.begin("ua.azdebug", nil, value)
	case "Request method":
		if t.current != nil {
			t.current.Method, t.current.named = bytes.Clone(value), named
		}
	case "Request headers":
		t.section = requestHeaders
	case "Response status":
		t.status(value)
	case "Response headers":
		t.section = responseHeaders
	default: // bodies and contents
		t.toBody()
	}
}

// azMessages begin the messages of az, where a message has several lines and only the first names the logger.
var azMessages = [...]string{"Request URL: ", "Request method: ", "Request headers:", "Request body:", "Response status: ", "Response headers:", "Response content:"}

// azMessage reads a message of az on a line that names no logger.
func (t *Tracer) azMessage(line []byte) bool {
	if line[0] != 'R' {
		return false
	}
	for i, m := range azMessages {
		if bytes.HasPrefix(line, []byte(m)) && (i == 0 || t.current != nil && t.current.shape == "ua.azdebug" || len(t.open) == 1) {
			t.azLine(line, false)
			return true
		}
	}
	return false
}

// powerShell reads the sections of Azure PowerShell's debug stream.
func (t *Tracer) powerShell(line []byte) bool {
	if bytes.Contains(line, markPSRequest) {
		t.begin("ua.psdebug", nil, nil)
		t.section = betweenSections
		return true
	}
	if t.current == nil || t.current.shape != "ua.psdebug" {
		return false
	}
	x := t.current
	if bytes.Contains(line, markPSResponse) {
		t.section, x.headers = betweenSections, x.headers+1
		x.Status = -1 // wanted
		return true
	}
	expected := t.expect
	t.expect = ""
	switch expected {
	case "HTTP Method:":
		x.Method = bytes.Clone(line)
		return true
	case "Absolute Uri:":
		x.URL = bytes.Clone(line)
		return true
	case "Status Code:":
		x.Status = t.vocab.HTTPCode(line)
		return true
	}
	switch word := string(line); word {
	case "HTTP Method:", "Absolute Uri:", "Status Code:":
		t.expect = word
		return true
	case "Headers:":
		t.section = requestHeaders
		if x.Status != 0 {
			t.section = responseHeaders
		}
		return true
	case "Body:":
		if t.section == responseHeaders {
			t.endSection()
		} else {
			t.section = bodySection
		}
		return true
	}
	return false
}
