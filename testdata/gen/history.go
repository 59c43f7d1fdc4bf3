package main

import (
	"strconv"
	"strings"
)

// appendScope writes the id of the subscription (group -1) or of one of its resource groups.
func (e *estate) appendScope(b []byte, group int16) []byte {
	b = append(append(b, "/subscriptions/"...), e.id...)
	if group >= 0 {
		b = append(append(b, "/resourceGroups/"...), e.groups[group].name...)
	}
	return b
}

// appendID writes the id of a resource.
func (g *generator) appendID(b []byte, e *estate, k uint8, number int32, group int16) []byte {
	kind := &g.facts.kinds[k]
	b = append(append(append(e.appendScope(b, group), "/providers/"...), kind.name...), '/')
	return appendName(b, kind, number)
}

func appendName(b []byte, kind *kind, number int32) []byte {
	return appendPadded(append(append(b, kind.prefix...), "-"...), int64(number), 5)
}

// appendNodeID writes the id of a deployment.
func (e *estate) appendNodeID(b []byte, n int32) []byte {
	d := &e.nodes[n]
	return append(append(e.appendScope(b, d.group), "/providers/Microsoft.Resources/deployments/"...), d.name...)
}

// appendDeployment renders the record of one deployment as the REST list has it.
func (g *generator) appendDeployment(b []byte, e *estate, n int32) []byte {
	d := &e.nodes[n]
	t := &e.trees[d.tree]
	b = e.appendNodeID(append(b, `{"id":"`...), n)
	b = append(append(b, `","name":"`...), d.name...)
	b = append(b, `","type":"Microsoft.Resources/deployments",`...)
	if d.group < 0 {
		b = append(append(append(b, `"location":"`...), e.groups[0].region...), `",`...)
	}
	b = append(b, `"properties":{"templateHash":"`...)
	b = strconv.AppendUint(b, 1e18+uint64(d.start)*31%8e18, 10)
	b = append(b, `","parameters":{`...)
	if !d.tracking {
		b = append(append(b, `"location":{"type":"String","value":"`...), e.groups[max(d.group, 0)].region...)
		b = append(b, `"},"environmentName":{"type":"String","value":"production"},"adminUsername":{"type":"String","value":"azureadmin"},"adminPassword":{"type":"SecureString"}`...)
		b = append(append(b, `,"prefix":{"type":"String","value":"`...), d.name...)
		b = append(b, `"},"tags":{"type":"Object","value":{"environment":"production","owner":"platform-team"}}`...)
	}
	b = append(b, `},"mode":"Incremental","provisioningState":"`...)
	state := "Succeeded"
	if d.failed {
		state = "Failed"
	}
	b = appendTime(append(append(b, state...), `","timestamp":"`...), d.end)
	b = appendDuration(append(b, `","duration":"`...), d.end-d.start)
	b = appendGUID(append(b, `","correlationId":"`...), t.correlation)
	b = append(b, `","providers":[`...)
	for i, s := range d.steps {
		if p := &e.steps[s]; p.kind == stepCreate && i < 6 {
			namespace, typ, _ := strings.Cut(g.facts.kinds[e.resources[p.target].kind].name, "/")
			b = append(append(b, `{"namespace":"`...), namespace...)
			b = append(append(b, `","resourceTypes":[{"resourceType":"`...), typ...)
			b = append(append(append(b, `","locations":["`...), e.groups[max(d.group, 0)].region...), `"]}]},`...)
		}
	}
	b = append(cutComma(b), `],"dependencies":[`...)
	for i := 1; i < len(d.children); i++ {
		b = append(e.appendReference(append(b, `{"dependsOn":[{`...), d.children[i-1]), `}],`...)
		b = append(e.appendReference(b, d.children[i]), `},`...)
	}
	b = append(cutComma(b), ']')
	if d.failed {
		b = append(b, `,"error":{"code":"DeploymentFailed","message":"At least one resource deployment operation failed.","details":[{"code":"Conflict"}]}`...)
	} else {
		b = append(cutComma(g.appendOutputs(append(b, `,"outputResources":[`...), e, n)), ']')
	}
	return append(b, "}}"...)
}

// appendReference writes the members id, resourceType and resourceName of a deployment.
func (e *estate) appendReference(b []byte, n int32) []byte {
	b = e.appendNodeID(append(b, `"id":"`...), n)
	b = append(append(b, `","resourceType":"Microsoft.Resources/deployments","resourceName":"`...), e.nodes[n].name...)
	return append(b, '"')
}

// appendOutputs writes what a deployment created, with what its nested deployments created.
func (g *generator) appendOutputs(b []byte, e *estate, n int32) []byte {
	for _, s := range e.nodes[n].steps {
		if p := &e.steps[s]; p.kind == stepCreate && !p.failed {
			res := &e.resources[p.target]
			b = append(g.appendID(append(b, `{"id":"`...), e, res.kind, res.number, res.group), `"},`...)
		}
	}
	for _, c := range e.nodes[n].children {
		b = g.appendOutputs(b, e, c)
	}
	return b
}

func cutComma(b []byte) []byte {
	if b[len(b)-1] == ',' {
		return b[:len(b)-1]
	}
	return b
}

// appendStep renders one deployment operation as the REST list has it.
func (g *generator) appendStep(b []byte, e *estate, i int32) []byte {
	p := &e.steps[i]
	r := random(p.id, 1)
	id := appendHex(nil, p.id)
	if p.kind == stepEvaluate {
		id = strconv.AppendUint([]byte("0858"), 1e15+p.id%8e15, 10)
	}
	b = e.appendNodeID(append(b, `{"id":"`...), p.node)
	b = append(append(append(append(b, "/operations/"...), id...), `","operationId":"`...), id...)
	b = append(b, `","properties":{"provisioningOperation":"`...)
	b = append(append(b, [...]string{"Create", "Create", "Read", "EvaluateDeploymentOutput"}[p.kind]...), `","provisioningState":"`...)
	state, code := "Succeeded", "OK"
	switch {
	case p.failed || p.kind == stepNested && e.nodes[p.target].failed:
		state, code = "Failed", "Conflict"
	case p.kind == stepCreate && p.id%3 == 0:
		code = "Created"
	}
	b = appendTime(append(append(b, state...), `","timestamp":"`...), p.end)
	b = appendDuration(append(b, `","duration":"`...), p.end-p.start)
	b = appendGUID(append(b, `","trackingId":"`...), newGUID(r))
	b = appendGUID(append(b, `","serviceRequestId":"`...), newGUID(r))
	b = append(append(append(b, `","statusCode":"`...), code...), '"')
	switch {
	case p.kind == stepEvaluate:
		b = append(b, `,"statusMessage":null`...)
	case p.kind == stepNested:
		b = append(e.appendReference(append(b, `,"targetResource":{`...), p.target), '}')
	default:
		res := &e.resources[p.target]
		kind := &g.facts.kinds[res.kind]
		if state == "Failed" {
			b = append(b, `,"statusMessage":{"status":"Failed","error":{"code":"Conflict","message":"The name is already taken."}}`...)
		}
		b = g.appendID(append(b, `,"targetResource":{"id":"`...), e, res.kind, res.number, res.group)
		b = append(append(b, `","resourceType":"`...), kind.name...)
		b = append(appendName(append(b, `","resourceName":"`...), kind, res.number), `"}`...)
	}
	return append(b, "}}"...)
}

// appendRequest renders one line of the partner's request log.
func (g *generator) appendRequest(b []byte, e *estate, c *call) []byte {
	res := &e.resources[c.target]
	b = appendTime(append(b, `{"time":"`...), c.at)
	b = append(b, `","method":"PUT","url":"https://management.azure.com`...)
	b = append(g.appendID(b, e, res.kind, res.number, res.group), `?api-version=2024-03-01","status":201,"userAgent":"`...)
	b = appendGUID(append(append(b, c.agent...), `","correlationId":"`...), c.correlation)
	return append(b, "\"}\n"...)
}
