package evidence

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/source"
)

// glancing is a parser that has seen an event of a resource log, and one that has, too, and parses all.
type glancing struct {
	glances, parses *Parser
	sink            *Sink
}

func newGlancing(t testing.TB) *glancing {
	t.Helper()
	g := &glancing{sink: NewSink()}
	first, _, _ := bytes.Cut(mustRead(t, filepath.Join(fixtureDir, "activity.resourcelog.jsonl")), []byte("\n"))
	for _, p := range []**Parser{&g.glances, &g.parses} {
		var err error
		if *p, err = NewParser(Options{}); err != nil {
			t.Fatal(err)
		}
		if _, ok := (*p).glance(first); ok {
			t.Fatal("glance must not judge before a shape is known")
		}
		(*p).Value(source.Value{Bytes: first}, g.sink)
		(*p).Tally()
		if (*p).last == nil || (*p).last.Name != "activity.resourcelog" {
			t.Fatal("the fixture is no event of a resource log")
		}
	}
	return g
}

// check holds what is seen at a glance against what parsing says, and tells whether a glance was enough.
func (g *glancing) check(t testing.TB, line []byte) bool {
	t.Helper()
	last := g.glances.last
	k, ok := g.glances.glance(line)
	if !ok {
		return false
	}
	g.sink.Reset()
	g.parses.last = last
	v, err := g.parses.json.ParseBytes(line)
	if err != nil {
		t.Fatalf("glance(%s) = %s; parsing: %v", line, kindNames[k], err)
	}
	g.parses.Record(v, 1, g.sink)
	tally := g.parses.Tally()
	if len(tally.Rejects) > 0 || g.sink.Rows() > 0 || !maps.Equal(tally.Kinds, map[string]int64{kindNames[k]: 1}) {
		t.Fatalf("glance(%s) = %s; parsing: %v, %v, %d rows", line, kindNames[k], tally.Kinds, tally.Rejects, g.sink.Rows())
	}
	return true
}

// TestGlanceAgreesWithParsing: events are put together of members that matter and of traps, and cut and flipped. What is seen at a glance is what
// parsing says, and most ordinary events that are no evidence are seen so.
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
		},
		"resourceId":     {`"/subscriptions/32c9c69b-4e50-4d89-8ae2-5cc819e5bea1/resourceGroups/g/providers/A/b/c"`, `{}`},
		"eventTimestamp": {`"2026-03-05T10:16:32Z"`},
		"identity":       {`{"authorization":{"action":"A/WRITE"},"claims":{"name":"ü\\"}}`},
		"other":          {`[]`, `{`, `tru`, `12`, `-`, `"a`, `{"operationName":"A/READ","category":"Policy"}`, "\"\t\"", `{"a":1,}`},
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
	}
	if seen < rounds/5 {
		t.Errorf("only %d of %d lines were seen at a glance", seen, rounds)
	}
}

// TestGlanceIsNotEnough lists events that have to be parsed, and some that have not.
func TestGlanceIsNotEnough(t *testing.T) {
	g := newGlancing(t)
	for line, enough := range map[string]bool{
		`{"time":"x","operationName":"A/READ","category":"Administrative","a":1}`:                         true,
		`{"time":"x","identity":{},"operationName":"A/READ","category":"Administrative"}`:                 true,
		`{"time":"x","operationName":"A/WRITE","category":"Administrative","resultType":"Start"}`:         true,
		`{"time":"x","operationName":"A/WRITE","category":"Administrative","resultType":"Success"}`:       false,
		`{"time":"x","operationName":"A/WRITE","category":"Administrative"}`:                              false,
		`{"time":"x","operationName":"A/READ","operation_name":"A/WRITE","category":"Administrative"}`:    false,
		`{"time":"x","operationName":"A/READ","category":"Administrative","eventTimestamp":"x"}`:          false,
		`{"time":"x","operationName":"A/READ","category":"AuditEvent","a":1}`:                             false,
		`{"time":"x","operationName":"A/READ","category":"Administrative","a":1`:                          false,
		`{"time":"x","operationName":"A/READ","category":"Administrative","a":{"b":[1}]}`:                 false,
		`{"time":"x","operation\u004eame":"A/READ","category":"Administrative"}`:                          false,
		`{"operationName":"A/READ","category":"Administrative","a":1}`:                                    false,
		`{"time":"x","operationName":"A/READ","category":"Administrative","properties":"{}"}`:             false,
		`{"time":"x","operationName":"A/READ","category":"Administrative","a":` + strings.Repeat("[", 99): false,
		`{"time"`: false, `{`: false, `{}`: false, ``: false,
	} {
		if g.check(t, []byte(line)) != enough {
			t.Errorf("a glance at %s: want %v", line, enough)
		}
	}
}

// FuzzGlance: what is seen at a glance is what parsing says.
func FuzzGlance(f *testing.F) {
	for _, line := range bytes.Split(mustRead(f, filepath.Join(fixtureDir, "activity.resourcelog.jsonl")), []byte("\n")) {
		f.Add(line)
		f.Add(bytes.ReplaceAll(line, []byte("Success"), []byte("Start")))
	}
	g := newGlancing(f)
	f.Fuzz(func(t *testing.T, line []byte) { g.check(t, line) })
}
