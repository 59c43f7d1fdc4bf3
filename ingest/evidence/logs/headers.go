package logs

import (
	"bytes"

	"github.com/pidledger/pidledger/ingest/azure"
)

// header reads one header line of the current section: Name: value, 'Name': 'value', or Name   : value.
func (t *Tracer) header(line []byte) {
	x := t.current
	if x == nil {
		return
	}
	if i := bytes.LastIndex(line, markTimestamp); i > 0 { // hclog puts its fields after the last line of a message
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
	case azure.EqualFold(name, "user-agent") && !response, azure.EqualFold(name, "x-ms-useragent") && !response && len(x.Agent) == 0:
		field = &x.Agent
	case azure.EqualFold(name, "x-ms-correlation-request-id") && response:
		field = &x.RespCorrelation
	case azure.EqualFold(name, "x-ms-correlation-request-id"):
		field = &x.ReqCorrelation
	case azure.EqualFold(name, "x-ms-client-request-id"):
		if response {
			x = t.answered(value)
		}
		field = &x.ClientRequest
	case azure.EqualFold(name, "x-ms-request-id") && response:
		field = &x.ServiceRequest
	case azure.EqualFold(name, "date") && response:
		if at, ok := azure.ParseTime(value); ok && !x.Timed {
			x.At, x.Timed = at, true
		}
		return
	case azure.EqualFold(name, "host") && !response:
		if len(x.URL) > 0 && x.URL[0] == '/' {
			x.URL = bytes.Join([][]byte{[]byte("https://"), value, x.URL}, nil)
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
func (t *Tracer) answered(client []byte) *openExchange {
	x := t.current
	if len(x.ClientRequest) == 0 || bytes.EqualFold(x.ClientRequest, client) {
		return x
	}
	for _, o := range t.open {
		if o != x && o.shape == x.shape && bytes.EqualFold(o.ClientRequest, client) {
			o.Status, o.RespCorrelation, o.ServiceRequest = x.Status, x.RespCorrelation, x.ServiceRequest
			x.Status, x.RespCorrelation, x.ServiceRequest = 0, nil, nil
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
func (t *Tracer) connection(line []byte) bool {
	i := bytes.Index(line[:min(len(line), loggerHead)], markPool)
	if i < 0 || len(t.open) == 0 {
		return false
	}
	_, line, _ = bytes.Cut(line[i:], []byte{'"'})
	method, url := RequestLine(line)
	for _, x := range t.open {
		if _, path := splitURL(x.URL); x.shape == "ua.azdebug" && bytes.Equal(x.Method, method) && bytes.Equal(path, url) {
			t.next = x
			return true
		}
	}
	return false
}
