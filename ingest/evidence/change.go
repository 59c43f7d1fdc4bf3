package evidence

import (
	"strconv"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/azure"
)

// change reads one resource change of Resource Graph.
func (p *Parser) change(r *rule) kind {
	f := r.fam
	if p.value(f, fChangeType) == nil && p.value(f, fResourceID) == nil {
		return p.noChange()
	}
	at, ok, column, bad := p.when(f, fEventTS)
	switch {
	case bad != nil:
		return p.reject(column, bad, "time of the change "+strconv.Quote(string(bad))+" is not a time")
	case !ok || azure.IsNoTime(at):
		return p.reject(f.column(fEventTS), nil, "the change has no time")
	}
	word := p.text(f, fChangeType)
	changeType, ok := p.s.vocab.ChangeTypes.Look(word)
	if !ok {
		return p.reject(f.column(fChangeType), word, "change type "+strconv.Quote(string(word))+" is not one of Create, Update, Delete")
	}
	id := p.canonicalID(p.text(f, fResourceID))
	if id == nil {
		return p.reject(f.column(fResourceID), p.text(f, fResourceID), "the change names no resource")
	}
	typ := p.resourceType(p.text(f, fResourceType), id)
	correlation := p.key(p.text(f, fCorrelationID))
	operation := p.key(p.text(f, fOperation))

	b := p.sink.Changes
	if own := p.canonicalID(p.text(f, fID)); own != nil && azure.IndexFold(own, changesType) >= 0 {
		b.String(chgCol.DedupeKey, own)
	} else {
		p.putHash(b, chgCol.DedupeKey, at, true, correlation, id, []byte(changeType), operation)
	}
	b.Time(chgCol.TS, at)
	b.String(chgCol.ResourceID, id)
	putText(b, chgCol.ResourceType, typ)
	subscription, _ := azure.SplitID(id)
	putText(b, chgCol.SubscriptionID, subscription)
	b.Str(chgCol.ChangeType, changeType)
	putText(b, chgCol.CorrelationID, correlation)
	putText(b, chgCol.ChangedBy, p.text(f, fCaller))
	putText(b, chgCol.ClientType, p.text(f, fClientType))
	putText(b, chgCol.Operation, operation)
	p.putSource(b, chgCol.SourceColumns, r)
	return p.endRow(b, kindChange)
}

// noChange says what a row of a result of Resource Graph is that tells no change: one of another table, or one whose JSON is damaged.
func (p *Parser) noChange() kind {
	v := p.path("properties")
	text := p.scalarOf(v)
	switch {
	case len(text) > 0 && text[0] == '{' && p.parseText(text) == nil:
		return p.reject("properties", text, "the properties are not whole JSON; spreadsheet programs cut cells at 32,767 characters")
	case azure.IndexFold(p.id(p.path("id")), changesType) >= 0:
		return p.reject("properties", text, "the change has no properties")
	}
	return kindUnknown
}

// scalarOf is scalar for a value that may be missing.
func (p *Parser) scalarOf(v *fastjson.Value) []byte {
	if v == nil {
		return nil
	}
	return p.scalar(v)
}
