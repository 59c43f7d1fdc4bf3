package evidence

import "strconv"

// Columns of ChangeColumns.
const (
	chgDedupeKey = iota
	chgTS
	chgResourceID
	chgResourceType
	chgSubscriptionID
	chgChangeType
	chgCorrelationID
	chgChangedBy
	chgClientType
	chgOperation
	chgShape
	chgFile
	chgOrdinal
)

// change reads one resource change of Resource Graph.
func (p *Parser) change(r *rule) kind {
	f := r.fam
	at, ok, column, bad := p.when(f, fEventTS)
	switch {
	case bad != nil:
		return p.reject(column, bad, "time of the change "+strconv.Quote(string(bad))+" is no time")
	case !ok || isNoTime(at):
		return p.reject(f.column(fEventTS), nil, "the change has no time")
	}
	word := p.text(f, fChangeType)
	changeType, ok := p.s.vocab.changeTypes.look(word)
	if !ok {
		return p.reject(f.column(fChangeType), word, "change type "+strconv.Quote(string(word))+" is none of Create, Update, Delete")
	}
	id := p.canonicalID(p.text(f, fResourceID))
	if id == nil {
		return p.reject(f.column(fResourceID), p.text(f, fResourceID), "the change names no resource")
	}
	typ := p.resourceType(p.text(f, fResourceType), id)
	correlation := p.key(p.text(f, fCorrelationID))
	operation := p.key(p.text(f, fOperation))

	b := p.sink.Changes
	if own := p.canonicalID(p.text(f, fID)); own != nil && indexFold(own, "/providers/microsoft.resources/changes/") >= 0 {
		b.String(chgDedupeKey, own)
	} else {
		p.putHash(b, chgDedupeKey, at, true, correlation, id, []byte(changeType), operation)
	}
	b.Time(chgTS, at)
	b.String(chgResourceID, id)
	putText(b, chgResourceType, typ)
	subscription, _ := splitID(id)
	putText(b, chgSubscriptionID, subscription)
	b.Str(chgChangeType, changeType)
	putText(b, chgCorrelationID, correlation)
	putText(b, chgChangedBy, p.text(f, fCaller))
	putText(b, chgClientType, p.text(f, fClientType))
	putText(b, chgOperation, operation)
	p.putSource(b, chgShape, r)
	b.EndRow()
	return kindChange
}
