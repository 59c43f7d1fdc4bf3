package evidence

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/source"
)

// glancing is a parser that has seen an event of a resource log, and one that has, too, and parses all.
type glancing struct {
	glances, parses *Parser
	seen, parsed    *Sink // their rows
}

func newGlancing(t testing.TB) *glancing {
	t.Helper()
	g := &glancing{}
	first, _, _ := bytes.Cut(mustRead(t, filepath.Join(fixtureDir, "activity.resourcelog.jsonl")), []byte("\n"))
	for _, of := range []struct {
		p    **Parser
		sink **Sink
	}{{&g.glances, &g.seen}, {&g.parses, &g.parsed}} {
		p, err := NewParser(Options{})
		if err != nil {
			t.Fatal(err)
		}
		*of.p, *of.sink = p, NewSink()
		if _, ok := p.glance(first); ok {
			t.Fatal("glance must not judge before a shape is known")
		}
		p.Value(source.Value{Bytes: first}, *of.sink)
		p.Tally()
		if p.last == nil || p.last.Name != "activity.resourcelog" {
			t.Fatal("the fixture is no event of a resource log")
		}
	}
	return g
}

// check holds what is read at a glance against what parsing says, and tells whether a glance was enough.
func (g *glancing) check(t testing.TB, line []byte) bool {
	t.Helper()
	rows := g.seen.Rows()
	g.glances.begin(1, 0, g.seen)
	k, ok := g.glances.glance(line)
	if !ok {
		if g.seen.Rows() > rows || len(g.glances.rejects) > 0 {
			t.Fatalf("glance(%s) was not enough, and left something", line)
		}
		return false
	}
	g.glances.count(k)
	g.parses.last = g.glances.last
	v, err := g.parses.json.ParseBytes(line)
	if err != nil {
		t.Fatalf("glance(%s) = %s; parsing: %v", line, kindNames[k], err)
	}
	g.parses.Record(v, 1, g.parsed)
	if seen, parsed := g.glances.Tally(), g.parses.Tally(); !reflect.DeepEqual(seen, parsed) || g.seen.Rows() != g.parsed.Rows() {
		t.Fatalf("glance(%s) = %v, %d rows; parsing: %v, %d rows", line, seen, g.seen.Rows(), parsed, g.parsed.Rows())
	}
	return true
}

// checkRows holds the rows that were read at a glance against those of parsing, and forgets them.
func (g *glancing) checkRows(t testing.TB, line []byte) {
	t.Helper()
	if g.seen.Rows() == 0 {
		return
	}
	if !reflect.DeepEqual(g.seen, g.parsed) {
		t.Fatalf("up to glance(%s), other rows than parsing: %+v\n%+v", line, g.seen.Activity, g.parsed.Activity)
	}
	g.seen.Reset()
	g.parsed.Reset()
}

// TestGlanceAgreesWithParsing: events are put together of members that matter and of traps, and cut and flipped. What is read at a glance is what
// parsing says, to the last cell, and most ordinary events are read so.
func TestGlanceAgreesWithParsing(t *testing.T) {
	values := map[string][]string{
		"time":     {`"2026-03-05T10:16:32Z"`, `null`, `"x"`, `5`},
		"category": {`"Administrative"`, `"policy"`, `" Action "`, `"AuditEvent"`, `"Adm\u0069nistrative"`, `null`, `["Administrative"]`},
		"operationName": {
			`"A/READ"`, `"a/b/WRITE"`, `"A/B/DELETE"`, `"A\/WRITE"`, `"A/LISTKEYS/ACTION"`, `"A/VALIDATEMOVERESOURCES/ACTION"`, `"A/MOVERESOURCES/ACTION"`, `"PutBlob"`, `"/read"`,
			`"MICROSOFT.AUTHORIZATION/POLICIES/DENY/ACTION"`, `"Microsoft.Resources/deployments/write"`, `"Microsoft.Resources/subscriptions/resourceGroups/write"`, `{"value":"A/WRITE"}`, `null`, `""`,
		},
		"resultType":      {`"Start"`, `"Accept"`, `"Accepted."`, `"Success"`, `"Failure"`, `"Odd"`, `""`, `" "`, `null`, `0`, `"St\u0061rt"`},
		"resultSignature": {`"Started."`, `"Succeeded.OK"`, `null`},
		"properties": {
			`{}`, `null`, `"{}"`, `[]`, `{"requestbody":"{\"a\":1}","eventCategory":"Administrative"}`, `{"eventCategory":{"operationName":"A/WRITE"},"n":[1,-2.5e3,true,{}]}`,
			`{"requestbody":"{\"properties\":{\"nodeResourceGroup\":\"MC_x\"}}"}`, `{"request_Body":{"properties":{"managedResourceGroupId":"/subscriptions/32c9c69b-4e50-4d89-8ae2-5cc819e5bea1/resourceGroups/m"}}}`,
			`{"responseBody":"{\"properties\":{\"n\u006fdeResourceGroup\":\"MC_x\"}}"}`, `{"responseBody":null}`, `{"a":{"category":"x","time":1}`, `{"a":01}`, `{"a":"\"}`,
			`{"eventDataId":"E-1","statusCode":"Created","hierarchy":"f6ec7c98-d2c4-4a22-849b-c299f79081a1/mg","clientRequestId":["C"]}`, `"{\"eventDataId\":\"e\u002d2\"}"`,
			`{"statusCode":409,"serviceRequestId":true,"event\u0044ataId":"e-3","eventDataId":"e-4"}`, `{"statusCode":null,"status_code":" 200 ","requestbody":null,"requestBody":"[]"}`,
		},
		"tenantId":       {`"F6EC7C98-d2c4-4a22-849b-c299f79081a1"`, `"N\/A"`, `12`, `[" x "]`},
		"correlationId":  {`"E84F"`, `"e\n8"`, `{"value":"e"}`, `[]`},
		"resourceId":     {`"/subscriptions/32c9c69b-4e50-4d89-8ae2-5cc819e5bea1/resourceGroups/g/providers/A/b/c"`, `{}`},
		"eventTimestamp": {`"2026-03-05T10:16:32Z"`},
		"identity": {
			`{"authorization":{"action":"A/WRITE","scope":"/subscriptions/x"},"claims":{"name":"ü\\"}}`, `{"claims":{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"u@x"}}`, `"me"`,
			`{"claims":"{\"name\":\"n\"}"}`, `[{"claims":1}]`,
		},
		"other": {`[]`, `{`, `tru`, `12`, `-`, `"a`, `{"operationName":"A/READ","category":"Policy"}`, "\"\t\"", `{"a":1,}`},
	}
	ordinary := []string{"time", "resourceId", "operationName", "category", "resultType", "resultSignature", "properties"}
	spellings := func(r *rand.Rand, name string) string {
		switch r.IntN(30) {
		case 0:
			return strings.ToUpper(name)
		case 1:
			return name[:2] + "_" + name[2:]
		case 2:
			return fmt.Sprintf(`\u%04x%s`, name[0], name[1:])
		}
		return name
	}
	g := newGlancing(t)
	seen := 0
	const rounds = 200_000
	for n := range rounds {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		names := append([]string(nil), ordinary...)
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if r.IntN(25) == 0 {
				names = append(names, name)
			}
		}
		if r.IntN(4) == 0 {
			r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		}
		blank := []string{"", " ", "\t"}[r.IntN(3)]
		line := []byte("{")
		for i, name := range names {
			if i > 0 {
				line = append(line, ',')
			}
			v := values[name]
			value := v[r.IntN(len(v))]
			if r.IntN(3) > 0 {
				value = v[0]
			}
			line = fmt.Appendf(line, `%s"%s"%s:%s%s`, blank, spellings(r, name), blank, value, blank)
		}
		line = append(line, '}')
		switch r.IntN(12) {
		case 0:
			line = line[:r.IntN(len(line))]
		case 1:
			line[r.IntN(len(line))] = `{}[]",:\/0n`[r.IntN(11)]
		case 2:
			line = append(line, `}x," `[r.IntN(5)])
		}
		if g.check(t, line) {
			seen++
		}
		if n%500 == 0 {
			g.checkRows(t, line)
		}
	}
	g.checkRows(t, nil)
	if seen < rounds*2/5 {
		t.Errorf("only %d of %d lines were read at a glance", seen, rounds)
	}
}

// TestGlanceIsNotEnough lists lines that have to be parsed, and some that have not.
func TestGlanceIsNotEnough(t *testing.T) {
	g := newGlancing(t)
	for line, enough := range map[string]bool{
		`{"time":"x","operationName":"A/READ","category":"Administrative","a":1}`:                         true,
		`{"time":"x","identity":{},"operationName":"A/READ","category":"Administrative"}`:                 true,
		`{"time":"x","operationName":"A/WRITE","category":"Administrative","resultType":"Start"}`:         true,
		`{"time":"x","operationName":"A/WRITE","category":"Administrative","resultType":"Success"}`:       true,
		`{"time":"x","operationName":"A/WRITE","category":"Administrative"}`:                              true,
		`{"time":"x","operationName":"A/READ","operation_name":"A/WRITE","category":"Administrative"}`:    true,
		`{"time":"x","operationName":"A/READ","category":"Administrative","eventTimestamp":"x"}`:          false,
		`{"time":"x","operationName":"A/READ","category":"AuditEvent","a":1}`:                             false,
		`{"time":"x","operationName":"A/READ","category":"Administrative","a":1`:                          false,
		`{"time":"x","operationName":"A/READ","category":"Administrative","a":{"b":[1}]}`:                 false,
		`{"time":"x","operation\u004eame":"A/READ","category":"Administrative"}`:                          false,
		`{"operationName":"A/READ","category":"Administrative","a":1}`:                                    false,
		`{"time":"x","operationName":"A/READ","category":"Administrative","properties":"{}"}`:             true,
		`{"time":"x","operationName":"A/READ","category":"Administrative","a":` + strings.Repeat("[", 99): false,
		`{"time"`: false, `{`: false, `{}`: false, ``: false,
	} {
		if g.check(t, []byte(line)) != enough {
			t.Errorf("a glance at %s: want %v", line, enough)
		}
	}
}

// FuzzGlance: what is read at a glance is what parsing says.
func FuzzGlance(f *testing.F) {
	for _, line := range bytes.Split(mustRead(f, filepath.Join(fixtureDir, "activity.resourcelog.jsonl")), []byte("\n")) {
		f.Add(line)
		f.Add(bytes.ReplaceAll(line, []byte("Success"), []byte("Start")))
	}
	g := newGlancing(f)
	f.Fuzz(func(t *testing.T, line []byte) {
		g.check(t, line)
		g.checkRows(t, line)
	})
}
