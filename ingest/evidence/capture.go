package evidence

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/source"
)

// captureBodies are the columns that hold the events of a capture of Event Hubs: as it writes them itself, and as a Stream Analytics job
// does that takes the events apart.
var captureBodies = []string{"body", "records"}

// captureColumns stand beside them; one of them is enough to know a capture by.
var captureColumns = []string{
	"sequencenumber", "offset", "enqueuedtimeutc", "systemproperties", "partitionkey", // Event Hubs Capture
	"eventenqueuedutctime", "eventprocessedutctime", "partitionid", // Stream Analytics
	"enqueuedtime", "partition", // Spark's connector
}

// CaptureBody returns the name of the column that holds the events of a capture of Event Hubs; empty when these are not columns of one.
func CaptureBody(columns []string) string {
	body, beside := "", false
	for _, c := range columns {
		name := canonicalName(c)
		if body == "" && slices.Contains(captureBodies, name) {
			body = c
		}
		beside = beside || slices.Contains(captureColumns, name)
	}
	if !beside {
		return ""
	}
	return body
}

// Event reads the body of one event of an event hub, record by its number in the file: a JSON document of any shape that Value reads, or
// several of them. Other senders may write to the same hub: what is not JSON is counted as unknown.
func (p *Parser) Event(record int64, body []byte, sink *Sink) {
	p.begin(record, 0, sink)
	body = azure.Trim(bytes.TrimPrefix(azure.Trim(body), []byte("\ufeff")))
	if len(body) == 0 {
		p.count(kindNoBody)
		return
	}
	if c := body[0]; c != '{' && c != '[' && c != '"' {
		p.count(kindUnknown)
		return
	}
	if v, err := p.json.ParseBytes(body); err == nil {
		p.element(v, 0)
		return
	}
	j := source.NewJSON(bytes.NewReader(body), source.JSONOptions{BufferSize: len(body) + 1})
	for {
		v, err := j.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		p.begin(record, 0, sink)
		var damaged *source.DamagedError
		switch {
		case errors.As(err, &damaged):
			p.reject(captureBody, body, "line "+strconv.FormatInt(damaged.Line, 10)+" of the body: "+damaged.Reason)
			if damaged.Final {
				return
			}
		case err != nil:
			p.reject(captureBody, body, err.Error())
			return
		default:
			if parsed, err := p.json.ParseBytes(v.Bytes); err != nil {
				p.reject(captureBody, v.Bytes, "damaged JSON: "+jsonReason(err))
			} else {
				p.element(parsed, 0)
			}
		}
	}
}

// captureBody is the name of the body in rejects.
const captureBody = "Body"
