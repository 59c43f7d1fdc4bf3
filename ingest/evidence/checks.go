package evidence

import (
	"bytes"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/azure"
)

// checkedPaths are members that the checks below look at beside those of fields.csv.
var checkedPaths = []string{
	"properties>changes", "changes", "properties>validatedResources", "properties>outputResources", "properties>dependencies",
	"resourceGroup", "request>method", "request>uri", "request>url", "response",
}

// path returns the member at a path of names; it is for checks that run on few records.
func (p *Parser) path(names ...string) *fastjson.Value {
	n := int32(0)
	for _, name := range names {
		child, ok := p.s.nodes[n].children[name]
		if !ok {
			return nil
		}
		n = child
	}
	return p.rec.at(n)
}

func (p *Parser) isOperation() bool {
	if v := p.path("properties", "provisioningoperation"); v != nil && v.Type() == fastjson.TypeString {
		return true
	}
	_, _, ok := azure.CutOperation(p.id(p.path("id")))
	return ok
}

// id returns the canonical form of an id in the record.
func (p *Parser) id(v *fastjson.Value) []byte {
	if v == nil || v.Type() != fastjson.TypeString {
		return nil
	}
	return p.canonicalID(v.GetStringBytes())
}

func (p *Parser) isAnyDeployment() bool {
	if p.path("properties", "correlationid") == nil || p.path("properties", "provisioningstate") == nil || p.path("properties", "provisioningoperation") != nil {
		return false
	}
	return azure.IsDeployment(p.id(p.path("id")))
}

// fromAz tells the JSON of az: resourceGroup beside id, and Python's times where there is no resource group.
func (p *Parser) fromAz() bool {
	if p.path("resourcegroup") != nil {
		return true
	}
	t := p.path("properties", "timestamp")
	return t != nil && bytes.HasSuffix(t.GetStringBytes(), []byte("+00:00"))
}

func (p *Parser) isRESTDeployment() bool { return p.isAnyDeployment() && !p.fromAz() }

func (p *Parser) isAzDeployment() bool { return p.isAnyDeployment() && p.fromAz() }

func (p *Parser) isWhatIf() bool {
	for _, list := range []*fastjson.Value{p.path("changes"), p.path("properties", "changes")} {
		if list == nil || list.Type() != fastjson.TypeArray {
			continue
		}
		for _, c := range list.GetArray() {
			if c.Get("changeType") == nil || c.Get("resourceId") == nil {
				return false
			}
		}
		return true
	}
	return false
}

func (p *Parser) isChange() bool {
	f := p.s.families["change"]
	return p.value(f, fChangeType) != nil && p.value(f, fResourceID) != nil
}

func (p *Parser) isSnake() bool { return p.rec.snake }

// isRESTEvent tells events of the REST API from those of the Python SDK, which writes snake_case. Events that were selected or
// trimmed down to a few members may have their time in the id only.
func (p *Parser) isRESTEvent() bool {
	if p.rec.has(p.s.eventTimestamp) {
		return !p.rec.snake
	}
	v := p.path("id")
	if v == nil {
		return false
	}
	event, ticks := eventRef(v.GetStringBytes())
	return len(event) > 0 || len(ticks) > 0
}

func (p *Parser) category() []byte { return p.textAt(p.s.category) }

func (p *Parser) isActivityCategory() bool { return p.s.vocab.Categories.Has(p.category()) }

func (p *Parser) isOtherCategory() bool {
	c := p.category()
	return len(c) > 0 && (!p.s.vocab.Categories.Has(c) || !p.rec.has(p.s.time))
}

func (p *Parser) isHTTPExchange() bool {
	return p.path("request", "method") != nil && p.path("request", "url") != nil
}

func (p *Parser) isVCR() bool {
	return p.path("request", "method") != nil && p.path("request", "uri") != nil && p.path("request", "url") == nil
}

func (p *Parser) hasAny(names []string) bool {
	for _, n := range names {
		if p.path(canonicalName(n)) != nil {
			return true
		}
	}
	return false
}

// isPlainRequest tells flat request logs. A body with a request object has a shape of its own.
func (p *Parser) isPlainRequest() bool {
	for _, name := range [...]string{"request", "response"} {
		if v := p.path(name); v != nil && v.Type() == fastjson.TypeObject {
			return false
		}
	}
	if p.path("httprequest", "useragent") != nil {
		return p.path("operationname") == nil
	}
	method, target := p.hasAny(methodNames), p.hasAny(targetNames)
	if p.path("requesturi") != nil && p.path("requestmethod") != nil && p.path("requestheaders") != nil {
		return false
	}
	return method && target || p.hasAny(agentNames) && (method || target || p.path("request") != nil || p.path("correlationid") != nil)
}
