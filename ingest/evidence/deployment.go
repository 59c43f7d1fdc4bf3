package evidence

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/azure"
)

const microsPerMilli = 1000

// deployment reads one deployment record.
func (p *Parser) deployment(r *rule) kind {
	f := r.fam
	end, hasEnd, column, bad := p.when(f, fEndTS)
	if bad != nil {
		return p.reject(column, bad, "timestamp "+strconv.Quote(string(bad))+" is not a time")
	}
	if hasEnd && azure.IsNoTime(end) || p.isValidation() {
		return kindWhatIf
	}
	durationText := p.text(f, fDuration)
	duration, hasDuration := azure.ParseDuration(durationText)
	if len(durationText) > 0 && !hasDuration {
		return p.reject(f.column(fDuration), durationText, "duration "+strconv.Quote(string(durationText))+" is not a duration")
	}

	id := p.canonicalID(p.text(f, fID))
	name := azure.LastSegment(p.text(f, fID))
	if len(name) == 0 {
		name = p.text(f, fName)
	}
	group := p.text(f, fResourceGroup)
	if id == nil {
		id = p.rebuiltID(group, name)
	}
	if len(name) == 0 {
		return p.reject(f.column(fID), nil, "the deployment has neither id nor name")
	}

	b := p.sink.Deployments
	putText(b, depCol.DepID, id)
	putText(b, depCol.Name, name)
	subscription, idGroup := azure.SplitID(id)
	if len(idGroup) == 0 {
		idGroup = p.key(group)
	}
	scope := azure.ScopeKind(id)
	if scope == "" && len(idGroup) > 0 {
		scope = "rg"
	}
	if scope != "" {
		b.Str(depCol.ScopeKind, scope)
	}
	putText(b, depCol.SubscriptionID, subscription)
	putText(b, depCol.ResourceGroup, idGroup)
	putText(b, depCol.CorrelationID, p.key(p.text(f, fCorrelationID)))
	putText(b, depCol.State, p.text(f, fState))
	if mode := p.text(f, fMode); len(mode) > 0 {
		if word, ok := p.s.vocab.Modes.Look(mode); ok {
			b.Str(depCol.Mode, word)
		} else {
			b.String(depCol.Mode, mode)
		}
	}
	if hasEnd {
		b.Time(depCol.StartTS, end-duration)
		b.Time(depCol.EndTS, end)
	}
	if hasDuration {
		b.Int(depCol.DurationMS, (duration+microsPerMilli/2)/microsPerMilli)
	}
	putText(b, depCol.TemplateHash, p.text(f, fTemplateHash))
	putText(b, depCol.TemplateLink, p.text(f, fTemplateLink))
	putText(b, depCol.ErrorCode, p.text(f, fErrorCode))
	if outputs := p.path("properties", "outputresources"); outputs != nil && outputs.Type() == fastjson.TypeArray {
		b.Strings(depCol.OutputResourceIDs, p.ids(outputs))
	}
	if dependencies := p.path("properties", "dependencies"); dependencies != nil && dependencies.Type() == fastjson.TypeArray {
		b.Strings(depCol.NestedDeploymentIDs, p.nestedDeployments(dependencies))
	}
	p.putSource(b, depCol.SourceColumns, r)
	return p.endRow(b, kindDeployment)
}

// isValidation tells the result of a validation or what-if, which looks like a deployment but lists what it would deploy.
func (p *Parser) isValidation() bool {
	v := p.path("properties", "validatedresources")
	return v != nil && v.Type() == fastjson.TypeArray && len(v.GetArray()) > 0 || p.isWhatIf()
}

// whatIf counts the result of a what-if.
func (p *Parser) whatIf(*rule) kind { return kindWhatIf }

// rebuiltID makes the id of a deployment that PowerShell wrote without one; nil when the subscription is not known.
func (p *Parser) rebuiltID(group, name []byte) []byte {
	if p.o.Subscription == "" || len(name) == 0 {
		return nil
	}
	id := azure.AppendGroup(nil, []byte(p.o.Subscription), group)
	id = append(id, azure.ProvidersSegment+azure.DeploymentType+"/"...)
	return p.canonicalID(append(id, name...))
}

// ids returns the canonical ids of a list of {"id": ...} or of texts, each once, in the order of the list.
func (p *Parser) ids(list *fastjson.Value) []string {
	var ids []string
	for _, e := range list.GetArray() {
		v := e
		if e.Type() == fastjson.TypeObject {
			v = p.foldMember(e, "id")
		}
		if id := p.id(v); id != nil && !slices.Contains(ids, string(id)) {
			ids = append(ids, string(id))
		}
	}
	return ids
}

// nestedDeployments returns the ids of the deployments that are named in dependencies: those that depend on something and those
// that something depends on (reference, 1.1).
func (p *Parser) nestedDeployments(dependencies *fastjson.Value) []string {
	var ids []string
	add := func(v *fastjson.Value) {
		if v.Type() != fastjson.TypeObject {
			return
		}
		id := p.id(p.foldMember(v, "id"))
		if id == nil || !azure.IsDeployment(id) || slices.Contains(ids, string(id)) {
			return
		}
		ids = append(ids, string(id))
	}
	for _, d := range dependencies.GetArray() {
		add(d)
		if d.Type() != fastjson.TypeObject {
			continue
		}
		if on := p.foldMember(d, "dependson"); on != nil {
			for _, e := range on.GetArray() {
				add(e)
			}
		}
	}
	return ids
}

// operation reads one deployment operation.
func (p *Parser) operation(r *rule) kind {
	f := r.fam
	end, hasEnd, column, bad := p.when(f, fEndTS)
	if bad != nil {
		return p.reject(column, bad, "timestamp "+strconv.Quote(string(bad))+" is not a time")
	}
	durationText := p.text(f, fDuration)
	duration, hasDuration := azure.ParseDuration(durationText)
	if len(durationText) > 0 && !hasDuration {
		return p.reject(f.column(fDuration), durationText, "duration "+strconv.Quote(string(durationText))+" is not a duration")
	}
	dep, operation, ok := azure.CutOperation(p.canonicalID(p.text(f, fID)))
	if !ok && len(p.text(f, fID)) == 0 { // columns that a script chose
		dep = p.rebuiltID(p.text(f, fResourceGroup), p.text(f, fName))
		ok = len(dep) > 0
	}
	switch {
	case !ok && len(p.text(f, fID)) > 0:
		return p.reject(f.column(fID), p.text(f, fID), "the operation's id names no deployment (.../deployments/x/operations/y)")
	case !ok && len(p.text(f, fName)) > 0:
		return p.reject(f.column(fID), nil, "the operation has no Id, and nothing else names its subscription: set `subscription: GUID` beside the path under `sources`")
	case !ok:
		return p.reject(f.column(fID), nil, "the operation has no Id, which names its deployment: write the file again with all properties (ConvertTo-Json without Select-Object)")
	case bytes.HasPrefix(dep, []byte(azure.GroupsSegment)):
		if p.o.Subscription == "" {
			return p.reject(f.column(fID), p.text(f, fID), "the operation's id names no subscription: set `subscription: GUID` beside the path under `sources`")
		}
		dep = append(azure.AppendGroup(nil, p.o.Subscription, ""), dep...)
	}
	if id := p.key(p.text(f, fOperationID)); len(id) > 0 {
		operation = id
	}

	b := p.sink.Operations
	putText(b, opCol.DepID, dep)
	putText(b, opCol.OperationID, operation)
	putText(b, opCol.ProvOp, p.text(f, fProvOp))
	putText(b, opCol.State, p.text(f, fState))
	putText(b, opCol.StatusCode, p.text(f, fStatusCode))
	if hasEnd && !azure.IsNoTime(end) {
		b.Time(opCol.TS, end)
	}
	if hasDuration {
		b.Int(opCol.DurationMS, (duration+microsPerMilli/2)/microsPerMilli)
	}
	if target := p.canonicalID(p.text(f, fTargetID)); target != nil {
		b.String(opCol.TargetID, target)
		putText(b, opCol.TargetType, p.resourceType(p.text(f, fTargetType), target))
		name := p.text(f, fTargetName)
		if len(name) == 0 {
			name = azure.LastSegment(bytes.TrimRight(p.text(f, fTargetID), "/"))
		}
		putText(b, opCol.TargetName, name)
	}
	putText(b, opCol.TrackingID, p.key(p.text(f, fTrackingID)))
	putText(b, opCol.ServiceRequestID, p.key(p.text(f, fServiceRequestID)))
	p.putSource(b, opCol.SourceColumns, r)
	return p.endRow(b, kindOperation)
}
