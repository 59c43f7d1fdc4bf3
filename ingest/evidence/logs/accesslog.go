package logs

import (
	"bytes"
	"regexp"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/evidence/words"
)

var (
	lineAgent       = regexp.MustCompile(`(?i)user[-_]?agent['"]?\s*[:=]\s*("[^"]*"|'[^']*'|[^\r\n]+)`)
	lineMethod      = regexp.MustCompile(`\b(GET|HEAD|PUT|PATCH|POST|DELETE)\b`)
	lineURL         = regexp.MustCompile(`https?://[^\s"'<>]+|/subscriptions/[^\s"'<>]+`)
	lineStatus      = regexp.MustCompile(`(?i)status(?:[-_ ]?code)?['"]?\s*[:=]\s*['"]?(\d{3})\b`)
	lineCorrelation = regexp.MustCompile(`(?i)correlation[-_]?(?:request[-_]?)?id['"]?\s*[:=]\s*['"]?([0-9a-z-]{8,})`)
	lineTime        = regexp.MustCompile(`(?i)\b(?:time|ts|timestamp)['"]?\s*[:=]\s*['"]?(\d[0-9T:.+\-/]+Z?)`)
)

// accessLog reads a line that is a request of its own: the combined log format, or any line with a method, a URL and a User-Agent.
func (t *Tracer) accessLog(line []byte) {
	if t.combined(line) {
		return
	}
	if azure.IndexFold(line, "agent") < 0 {
		return
	}
	agent := lineAgent.FindSubmatch(line)
	method, url := lineMethod.Find(line), lineURL.Find(line)
	if agent == nil || method == nil || url == nil {
		return
	}
	x := Exchange{Method: method, URL: url, Agent: azure.Trim(unquote(azure.Trim(agent[1]))), At: t.at, Timed: t.timed}
	if !x.Timed && t.last != 0 {
		x.At, x.Timed = t.last, true
	}
	if m := lineStatus.FindSubmatch(line); m != nil {
		x.Status = words.LeadingCode(m[1])
	}
	if m := lineCorrelation.FindSubmatch(line); m != nil {
		x.Correlation = m[1]
	}
	if m := lineTime.FindSubmatch(line); m != nil {
		if at, ok := azure.ParseTime(m[1]); ok {
			x.At, x.Timed = at, true
		}
	}
	t.keep("ua.text", &x, t.number)
}

// combined reads the combined log format of web servers:
//
//	addr ident user [10/Oct/2000:13:55:36 -0700] "PUT /path HTTP/1.1" 201 512 "referer" "agent"
func (t *Tracer) combined(line []byte) bool {
	open := bytes.IndexByte(line, '[')
	end := bytes.Index(line, []byte(`] "`))
	if open < 0 || end < open {
		return false
	}
	at, ok := azure.ParseTime(line[open+1 : end])
	if !ok {
		return false
	}
	request, rest, ok := quoted(line[end+2:])
	if !ok {
		return false
	}
	method, url := RequestLine(request)
	if !t.isMethod(method) {
		return false
	}
	code := words.LeadingCode(azure.Trim(rest))
	i := bytes.IndexByte(rest, '"')
	if code == 0 || i < 0 {
		return false
	}
	_, rest, ok = quoted(rest[i:])
	if !ok {
		return false
	}
	agent, _, ok := quoted(azure.Trim(rest))
	if !ok {
		return false
	}
	x := Exchange{Method: method, URL: url, At: at, Timed: true, Status: code}
	if !t.vocab.Placeholder(agent) {
		x.Agent = agent
	}
	t.keep("ua.nginx", &x, t.number)
	return true
}

// quoted reads "..." off the front of b; a backslash protects a quote.
func quoted(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, b, false
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return b[1:i], b[i+1:], true
		}
	}
	return nil, b, false
}
