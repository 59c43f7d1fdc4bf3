package evidence

import (
	"bytes"
	"strconv"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/evidence/words"
	"github.com/pidledger/pidledger/queries/columnar"
)

var slash = []byte{'/'}

const (
	deploymentWrite = "microsoft.resources/deployments/write"
	groupWrite      = azure.GroupType + "/write"
)

var (
	writeSuffix  = []byte("/write")
	deleteSuffix = []byte("/delete")
	moveSuffix   = []byte("/moveresources/action")
	actionSuffix = []byte("/action")
	policyPrefix = []byte("microsoft.authorization/policies/")

	phaseBegin = []byte("begin")
	phaseEnd   = []byte("end")
)

// activity reads one event of the activity log. What it is shows in its operation and status: those are read first, and for most
// events nothing else.
func (p *Parser) activity(r *rule) kind {
	f := r.fam
	raw, op := p.operationName(f)
	if len(op) == 0 {
		if len(raw) > 0 && bytes.IndexByte(raw, '/') < 0 {
			return kindPortalUnknown
		}
		return kindOther
	}
	var k kind
	switch {
	case bytes.HasSuffix(op, writeSuffix):
		k = kindWrite
	case bytes.HasSuffix(op, deleteSuffix):
		k = kindDelete
	case bytes.HasSuffix(op, moveSuffix):
		k = kindMove
	default:
		return otherOperation(op)
	}
	status := p.activityStatus(f)
	var managed groupManager
	if status != words.Succeeded && status != words.Failed && k != kindMove && string(op) != deploymentWrite {
		if managed = p.groupManager(f, op); !managed.isGroup {
			switch status {
			case words.Started, words.Accepted:
				return kindPending
			case "":
				return kindNoStatus
			}
			return kindOtherStatus
		}
	} else if k == kindWrite {
		managed = p.groupManager(f, op)
	}
	return p.keepActivity(r, k, raw, op, status, managed)
}

// otherOperation names the kind of an operation that is not evidence.
func otherOperation(op []byte) kind {
	if bytes.HasSuffix(op, []byte("/read")) {
		return kindRead
	}
	if !bytes.HasSuffix(op, actionSuffix) {
		return kindOther
	}
	if bytes.HasPrefix(op, policyPrefix) {
		return kindPolicy
	}
	verb := azure.LastSegment(op[:len(op)-len(actionSuffix)])
	if bytes.HasPrefix(verb, []byte("list")) || bytes.HasPrefix(verb, []byte("get")) {
		return kindList
	}
	return kindAction
}

// operationName returns the operation as written and in canonical form: from its own member, else from the authorization, else
// from a localised name by a rule. op is nil when none is known.
func (p *Parser) operationName(f *family) (raw, op []byte) {
	raw = p.text(f, fOperation)
	if bytes.IndexByte(raw, '/') > 0 {
		return raw, p.hold(func(dst []byte) []byte { return azure.AppendLower(dst, raw) })
	}
	if action := p.text(f, fAction); bytes.IndexByte(action, '/') > 0 {
		if len(raw) == 0 {
			raw = action
		}
		return raw, p.hold(func(dst []byte) []byte { return azure.AppendLower(dst, action) })
	}
	label := raw
	if len(label) == 0 {
		label = p.text(f, fLabel)
	}
	return label, p.labelOperation(f, label)
}

// labelOperation maps a localised name such as "Create or Update Virtual Machine" by words/operation_names.csv. The name tells what
// was done, the resource type to what.
func (p *Parser) labelOperation(f *family, label []byte) []byte {
	if len(label) == 0 {
		return nil
	}
	lower := string(bytes.ToLower(label))
	for i := range p.s.labels {
		l := &p.s.labels[i]
		if !l.Match(lower) {
			continue
		}
		rest, generic := bytes.CutPrefix([]byte(l.Operation), []byte("{type}"))
		if !generic {
			return rest
		}
		_, typ := p.resource(f)
		if bytes.IndexByte(typ, '/') < 0 {
			return nil
		}
		return append(bytes.Clone(typ), rest...)
	}
	return nil
}

// activityStatus returns the canonical status; "" when the record has none. A BeginRequest without a status has started.
func (p *Parser) activityStatus(f *family) string {
	v := p.s.vocab
	if s := v.Status(p.text(f, fStatus)); s != "" {
		return s
	}
	if signature := p.text(f, fSignature); len(signature) > 0 {
		word, _, _ := bytes.Cut(signature, []byte{'.'})
		if s := v.Status(word); s != "" && s != words.Other {
			return s
		}
	}
	if s, ok := v.Phases.Look(p.text(f, fPhase)); ok {
		return s
	}
	return ""
}

// subStatus returns the sub status: of a signature the part after the first dot ("Succeeded.Created").
func (p *Parser) subStatus(f *family) []byte {
	if sub := p.text(f, fSubStatus); len(sub) > 0 {
		return sub
	}
	signature := p.text(f, fSignature)
	if i := bytes.IndexByte(signature, '.'); i >= 0 {
		return signature[i+1:]
	}
	if p.s.vocab.Status(signature) != words.Other {
		return nil // the status once more
	}
	return signature
}

// httpCode returns the HTTP status of an event, 0 when it tells none.
func (p *Parser) httpCode(f *family, sub []byte) int64 {
	v := p.s.vocab
	if code := v.HTTPCode(p.text(f, fHTTPCode)); code != 0 {
		return code
	}
	if code := v.HTTPCode(sub); code != 0 {
		return code
	}
	return v.HTTPCode(p.text(f, fSubStatusLabel))
}

// resource returns the canonical id of the resource an event is about and its type, each nil when unknown.
func (p *Parser) resource(f *family) (id, typ []byte) {
	raw := p.text(f, fResourceID)
	if len(raw) == 0 {
		raw = p.eventTarget(f)
	}
	given := p.text(f, fResourceType)
	if len(raw) > 0 && raw[0] != '/' && len(given) > 0 {
		id = p.namedResource(f, given, raw)
	}
	if id == nil {
		id = p.canonicalID(raw)
	}
	return id, p.resourceType(given, id)
}

// resourceType returns the type that a record names, in lower case, else that of the id. A localised name is not a type.
func (p *Parser) resourceType(given, id []byte) []byte {
	if bytes.IndexByte(given, '/') > 0 {
		return p.hold(func(dst []byte) []byte { return azure.AppendLower(dst, given) })
	}
	return p.hold(func(dst []byte) []byte { return azure.AppendType(dst, id) })
}

// namedResource builds the id of a resource of which a CSV row of the portal has only the name, group and subscription.
func (p *Parser) namedResource(f *family, typ, name []byte) []byte {
	subscription, group := p.text(f, fSubscriptionID), p.text(f, fResourceGroup)
	namespace, types, ok := bytes.Cut(typ, slash)
	if !ok || !azure.IsGUID(subscription) || len(group) == 0 || bytes.Count(types, slash) != bytes.Count(name, slash) {
		return nil
	}
	id := append(append(azure.AppendGroup(nil, subscription, group), azure.ProvidersSegment...), namespace...)
	for len(types) > 0 || len(name) > 0 {
		var t, n []byte
		t, types, _ = bytes.Cut(types, slash)
		n, name, _ = bytes.Cut(name, slash)
		id = append(append(append(append(id, '/'), t...), '/'), n...)
	}
	return p.canonicalID(id)
}

// eventTarget returns the id of the resource out of the id of an event.
func (p *Parser) eventTarget(f *family) []byte {
	ref := p.text(f, fEventRef)
	if i := azure.IndexFold(ref, "/events/"); i >= 0 {
		return ref[:i]
	}
	return nil
}

// eventRef takes the event's GUID and the ticks out of an id .../events/<guid>/ticks/<ticks>.
func eventRef(id []byte) (event, ticks []byte) {
	i := azure.IndexFold(id, "/events/")
	if i < 0 {
		return nil, nil
	}
	event, rest, _ := bytes.Cut(id[i+len("/events/"):], slash)
	if !azure.IsGUID(event) {
		event = nil
	}
	if len(rest) > len("ticks/") && azure.EqualFold(rest[:len("ticks/")], "ticks/") {
		ticks = rest[len("ticks/"):]
	}
	return event, ticks
}

// canonicalID keeps the canonical form of a resource id for the time of the record; nil for none and for placeholders.
func (p *Parser) canonicalID(raw []byte) []byte {
	if len(raw) == 0 || p.s.vocab.Placeholder(bytes.Trim(raw, "/")) {
		return nil
	}
	id := p.hold(func(dst []byte) []byte { return azure.AppendID(dst, raw) })
	if len(id) == 0 {
		return nil
	}
	return id
}

// key keeps a correlation or other id in lower case; nil for none and for words that stand for none.
func (p *Parser) key(raw []byte) []byte {
	if len(raw) == 0 || p.s.vocab.Placeholder(raw) {
		return nil
	}
	return p.hold(func(dst []byte) []byte { return azure.AppendLower(dst, raw) })
}

// eventTime returns the time of an event, from its id when need be. When there is none, column and bad name the text that is not a time.
func (p *Parser) eventTime(f *family) (t int64, ok bool, column string, bad []byte) {
	t, ok, column, bad = p.when(f, fEventTS)
	if ok && !azure.IsNoTime(t) {
		return t, true, column, nil
	}
	if _, ticks := eventRef(p.text(f, fEventRef)); len(ticks) > 0 {
		if t, ok = azure.ParseTicks(ticks); ok {
			return t, true, column, nil
		}
	}
	return 0, false, column, bad
}

func (p *Parser) keepActivity(r *rule, k kind, raw, op []byte, status string, managed groupManager) kind {
	f := r.fam
	at, ok, column, bad := p.eventTime(f)
	if !ok {
		if len(bad) > 0 {
			return p.reject(column, bad, "event time "+strconv.Quote(string(bad))+" is not a time")
		}
		return p.reject(f.column(fEventTS), nil, "the event has no time")
	}
	b := p.sink.Activity
	id, typ := p.resource(f)
	correlation := p.key(p.text(f, fCorrelationID))
	sub := p.subStatus(f)
	event := p.text(f, fEventID)
	if len(event) == 0 {
		event, _ = eventRef(p.text(f, fEventRef))
	}
	event = p.key(event)
	if len(event) > 0 {
		putText(b, actCol.EventID, event)
		putText(b, actCol.DedupeKey, event)
	} else {
		phase := phaseEnd
		if status == words.Started || p.s.vocab.Phases.Has(p.text(f, fPhase)) {
			phase = phaseBegin
		}
		p.putHash(b, actCol.DedupeKey, at, true, correlation, op, id, []byte(status), p.key(sub), phase)
	}
	b.Time(actCol.EventTS, at)
	if t, ok, _, _ := p.when(f, fSubmitTS); ok && !azure.IsNoTime(t) {
		b.Time(actCol.SubmitTS, t)
	}
	putText(b, actCol.CorrelationID, correlation)
	putText(b, actCol.OperationID, p.key(p.text(f, fOperationID)))
	putText(b, actCol.Operation, op)
	putText(b, actCol.OperationRaw, raw)
	putText(b, actCol.Category, p.text(f, fCategory))
	if status != "" {
		b.Str(actCol.Status, status)
	}
	putText(b, actCol.SubStatus, sub)
	if code := p.httpCode(f, sub); code != 0 {
		b.Int(actCol.HTTPCode, code)
	}
	putText(b, actCol.ResourceID, id)
	putText(b, actCol.ResourceType, typ)
	subscription := p.putScope(b, actCol.SubscriptionID, actCol.ResourceGroup, f, id)
	putText(b, actCol.Caller, p.text(f, fCaller))
	putText(b, actCol.ClientRequestID, p.key(p.text(f, fClientRequestID)))
	putText(b, actCol.Method, bytes.ToUpper(p.text(f, fMethod)))
	putText(b, actCol.ServiceRequestID, p.key(p.text(f, fServiceRequestID)))
	putText(b, actCol.TenantID, p.tenant(f, subscription))
	if managed.isGroup && len(managed.group) == 0 {
		putText(b, actCol.ManagedBy, managed.by)
	}
	if k == kindMove {
		p.putMove(b, f)
	}
	p.putSource(b, actCol.SourceColumns, r)
	if k = p.endRow(b, k); k == kindReject {
		return k
	}
	if len(managed.group) > 0 {
		p.keepManaged(r, at, op, correlation, id, managed)
	}
	return k
}

// putScope appends subscription and resource group: those of the resource id, else those that the record names.
func (p *Parser) putScope(b *columnar.Batch, subscriptionColumn, groupColumn int, f *family, id []byte) (subscription []byte) {
	subscription, group := azure.SplitID(id)
	if len(subscription) == 0 {
		subscription = p.key(p.text(f, fSubscriptionID))
	}
	if len(group) == 0 {
		group = p.key(p.text(f, fResourceGroup))
	}
	putText(b, subscriptionColumn, subscription)
	putText(b, groupColumn, group)
	return subscription
}

// tenant returns the tenant of the subscription. Log Analytics has the workspace in TenantId; there, and where there is none, the
// hierarchy of management groups begins with the root group, which is named like the tenant.
func (p *Parser) tenant(f *family, subscription []byte) []byte {
	if t := p.key(p.text(f, fTenantID)); len(t) > 0 {
		return t
	}
	root, _, below := bytes.Cut(p.text(f, fHierarchy), slash)
	if !below || !azure.IsGUID(root) || bytes.EqualFold(root, subscription) {
		return nil
	}
	return p.key(root)
}

// body returns the object in a request or response body, which is a member or text that holds JSON.
func (p *Parser) body(f *family, id fieldID) *fastjson.Value {
	v := p.value(f, id)
	if v == nil {
		return nil
	}
	if v.Type() == fastjson.TypeString {
		v = p.parseText(v.GetStringBytes())
	}
	if v == nil || v.Type() != fastjson.TypeObject {
		return nil
	}
	return v
}

// putMove appends where a move goes to and what it takes, when the event holds the request's body.
func (p *Parser) putMove(b *columnar.Batch, f *family) {
	body := p.body(f, fRequestBody)
	if body == nil {
		return
	}
	var target []byte
	var resources []string
	body.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		switch {
		case azure.EqualFold(key, "targetresourcegroup"):
			target = p.id(v)
		case azure.EqualFold(key, "resources"):
			for _, e := range v.GetArray() {
				if id := p.id(e); id != nil {
					resources = append(resources, string(id))
				}
			}
		}
	})
	putText(b, actCol.MoveTarget, target)
	if resources != nil {
		b.Strings(actCol.MoveResources, resources)
	}
}
