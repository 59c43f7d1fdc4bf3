package evidence

import (
	"bytes"
	"strconv"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/evidence/logs"
)

// request reads one record of a request log.
func (p *Parser) request(r *rule) kind { return p.requestAs(r, r.fam) }

// requestAs reads a record of shape r whose members are those of family f.
func (p *Parser) requestAs(r *rule, f *family) kind {
	method := p.text(f, fMethod)
	if len(method) == 0 {
		method, _ = logs.RequestLine(p.text(f, fRequestLine))
	}
	class, known := p.s.vocab.Methods.Look(method)
	if known && class == "read" {
		return kindRequestRead // before anything else: most requests are
	}
	x := logs.Exchange{Method: method, Agent: p.userAgent(f)}
	if len(method) == 0 {
		if len(x.Agent) == 0 {
			return kindUnknown
		}
		return kindRequestNoMethod
	}
	if !known {
		return kindRequestNoMethod
	}
	var column string
	var bad []byte
	if x.At, x.Timed, column, bad = p.when(f, fEventTS); bad != nil {
		return p.reject(column, bad, "time "+strconv.Quote(string(bad))+" is not a time")
	}
	if !x.Timed {
		x.At, x.Timed = p.logTime, p.logTimed
	}
	x.URL = p.requestURL(f)
	x.Status = p.s.vocab.HTTPCode(p.text(f, fStatus))
	if !r.emitter {
		x.Target = p.text(f, fResourceID)
		x.Correlation = p.text(f, fCorrelationID)
	}
	x.ReqCorrelation, x.RespCorrelation = p.text(f, fReqCorrelationID), p.text(f, fRespCorrelationID)
	x.ClientRequest, x.ServiceRequest = p.text(f, fClientRequestID), p.text(f, fServiceRequestID)
	return p.keepRequest(r, &x)
}

// otherLog reads a resource log that is not one of the activity log: only a request with a User-Agent is of use.
func (p *Parser) otherLog(r *rule) kind {
	if len(p.userAgent(r.fam)) == 0 {
		return kindOtherLog
	}
	return p.request(r)
}

// userAgent returns the User-Agent by the ordered list of the reference (4), without the quotes that storage logs put around it.
func (p *Parser) userAgent(f *family) []byte {
	agent := p.text(f, fUserAgent)
	if n := len(agent); n > 1 && agent[0] == '"' && agent[n-1] == '"' {
		agent = azure.Trim(agent[1 : n-1])
	}
	if p.s.vocab.Placeholder(agent) {
		return nil
	}
	return agent
}

// requestURL returns the first URL that addresses Azure Resource Manager (a gateway has one of its own, too), else the first at all.
func (p *Parser) requestURL(f *family) []byte {
	var first []byte
	for i := range f.fields[fURL] {
		url := p.factText(&f.fields[fURL][i])
		if len(url) == 0 {
			continue
		}
		if len(p.hold(func(dst []byte) []byte { return azure.AppendURLID(dst, url) })) > 0 {
			return url
		}
		if first == nil {
			first = url
		}
	}
	if first == nil {
		_, first = logs.RequestLine(p.text(f, fRequestLine))
	}
	return first
}

// keepRequest appends a changing request, unless it can be no evidence.
func (p *Parser) keepRequest(r *rule, x *logs.Exchange) kind {
	v := p.s.vocab
	method := bytes.ToUpper(x.Method)
	switch class, known := v.Methods.Look(method); {
	case !known:
		return kindRequestNoMethod
	case class == "read":
		return kindRequestRead
	}
	id := p.hold(func(dst []byte) []byte { return azure.AppendURLID(dst, x.URL) })
	if len(id) == 0 {
		id = p.canonicalID(x.Target)
	}
	resp, req, plain := p.key(x.RespCorrelation), p.key(x.ReqCorrelation), p.key(x.Correlation)
	correlation := resp
	for _, c := range [][]byte{req, plain} {
		if len(correlation) == 0 {
			correlation = c
		}
	}
	client := p.key(x.ClientRequest)
	if len(id) == 0 && len(correlation) == 0 && len(client) == 0 && !mayHoldToken(x.Agent) {
		return kindRequestForeign
	}
	service := p.key(x.ServiceRequest)

	b := p.sink.Requests
	p.putHash(b, reqCol.DedupeKey, x.At, x.Timed, method, x.URL, id, x.Agent, resp, req, plain, client, service, strconv.AppendInt(nil, x.Status, 10))
	if x.Timed && !azure.IsNoTime(x.At) {
		b.Time(reqCol.TS, x.At)
	}
	b.String(reqCol.Method, method)
	putText(b, reqCol.URL, x.URL)
	putText(b, reqCol.ResourceID, id)
	putText(b, reqCol.UserAgent, x.Agent)
	putText(b, reqCol.CorrelationID, correlation)
	putText(b, reqCol.ReqCorrelationID, req)
	putText(b, reqCol.RespCorrelationID, resp)
	putText(b, reqCol.ClientRequestID, client)
	putText(b, reqCol.ServiceRequestID, service)
	if x.Status != 0 {
		b.Int(reqCol.Status, x.Status)
	}
	p.putSource(b, reqCol.SourceColumns, r)
	return p.endRow(b, kindRequest)
}

// mayHoldToken tells whether a User-Agent may carry a tracking id: a pid- or a bare GUID (SPEC 4).
func mayHoldToken(agent []byte) bool {
	if azure.IndexFold(agent, "pid-") >= 0 {
		return true
	}
	for i := bytes.IndexByte(agent, '-'); i >= 0 && i < len(agent); {
		if i >= 8 && i+28 <= len(agent) && azure.IsGUID(agent[i-8:i+28]) {
			return true
		}
		next := bytes.IndexByte(agent[i+1:], '-')
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// logMessage reads one line of a Terraform log written as JSON.
func (p *Parser) logMessage(r *rule) kind {
	at, timed := azure.ParseTime(p.text(r.fam, fEventTS))
	if p.trace.Message(p.ordinal, p.text(r.fam, fMessage), at, timed) {
		return kindNone // it is counted with its answer
	}
	return kindLogLine
}
