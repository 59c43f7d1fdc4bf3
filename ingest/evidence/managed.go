package evidence

import (
	"bytes"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/evidence/words"
)

// groupManager is what the body of a write says about a managed resource group.
type groupManager struct {
	isGroup bool
	by      []byte // what manages the group; nil: the resource that is written
	group   []byte // the managed group; nil: the resource that is written is the group
}

// The members that name the group which a resource manages: managed applications and Databricks an id, AKS a name.
const (
	managedGroupMember = "managedresourcegroupid"
	nodeGroupMember    = "noderesourcegroup"
)

// groupManager looks into the bodies of a write for managedBy (of a resource group) or the managed group (of an application or
// cluster).
func (p *Parser) groupManager(f *family, op []byte) groupManager {
	isGroup := string(op) == groupWrite
	for _, id := range [...]fieldID{fRequestBody, fResponseBody} {
		if n := p.place(f, id); n < 0 || !isGroup && !p.mayManage(n) {
			continue
		}
		body := p.body(f, id)
		if body == nil {
			continue
		}
		if isGroup {
			if by := p.foldMember(body, "managedby"); by != nil {
				if by := p.id(by); len(by) > 0 {
					return groupManager{isGroup: true, by: by}
				}
			}
			continue
		}
		properties := p.foldMember(body, "properties")
		if properties == nil {
			continue
		}
		if group := p.id(p.foldMember(properties, managedGroupMember)); group != nil {
			return groupManager{isGroup: true, group: group}
		}
		if name := p.foldMember(properties, nodeGroupMember); name != nil && len(name.GetStringBytes()) > 0 {
			resource, _ := p.resource(f)
			if subscription, _ := azure.SplitID(resource); len(subscription) > 0 {
				return groupManager{isGroup: true, group: p.canonicalID(azure.AppendGroup(nil, subscription, name.GetStringBytes()))}
			}
		}
	}
	return groupManager{}
}

// mayManage is a cheap look at a body, which most writes have and few of which name a group.
func (p *Parser) mayManage(n int32) bool {
	if text := p.rec.texts[n]; text != nil && text[0] == '"' && !bytes.Contains(text, []byte(`\u`)) {
		return namesGroup(text)
	}
	v := p.rec.value(n)
	return v == nil || v.Type() != fastjson.TypeString || namesGroup(v.GetStringBytes())
}

func namesGroup(text []byte) bool {
	return bytes.Contains(text, []byte("esourceGroup")) && (bytes.Contains(text, []byte("anagedResourceGroupId")) || bytes.Contains(text, []byte("odeResourceGroup")))
}

// foldMember returns a member of an object whatever the case of its name; lower is in lower case.
func (p *Parser) foldMember(v *fastjson.Value, lower string) *fastjson.Value {
	o, err := v.Object()
	if err != nil {
		return nil
	}
	var found *fastjson.Value
	o.Visit(func(key []byte, m *fastjson.Value) {
		if found == nil && azure.EqualFold(key, lower) {
			found = m
		}
	})
	return found
}

// keepManaged adds a row for the group that a written resource manages: managed_by stands in the row of a group. Its status is
// other, for it is not a write of the group.
func (p *Parser) keepManaged(r *rule, at int64, op, correlation, manager []byte, m groupManager) {
	if len(manager) == 0 {
		return
	}
	b := p.sink.Activity
	p.putHash(b, actCol.DedupeKey, at, true, correlation, op, m.group, []byte("managed by"), manager)
	b.Time(actCol.EventTS, at)
	putText(b, actCol.CorrelationID, correlation)
	putText(b, actCol.Operation, op)
	b.Str(actCol.Status, words.Other)
	putText(b, actCol.ResourceID, m.group)
	b.Str(actCol.ResourceType, azure.GroupType)
	subscription, group := azure.SplitID(m.group)
	putText(b, actCol.SubscriptionID, subscription)
	putText(b, actCol.ResourceGroup, group)
	putText(b, actCol.ManagedBy, manager)
	p.putSource(b, actCol.SourceColumns, r)
	p.endRow(b, kindReject)
}
