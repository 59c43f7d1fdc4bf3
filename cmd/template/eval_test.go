package template

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/azure"
)

const evalTemplate = `{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "parameters": {
    "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
    "stage": {"type": "string", "allowedValues": ["dev", "prod"]},
    "short": {"type": "string", "maxLength": 5},
    "free": {"type": "string"},
    "count": {"type": "int", "defaultValue": 3},
    "on": {"type": "bool", "defaultValue": true},
    "names": {"type": "object", "defaultValue": {"a": "x", "B": {"c": "y"}}}
  },
  "variables": {
    "plain": "p",
    "object": {"a": "[concat(variables('plain'), '1')]", "list": ["l0", "l1"]},
    "list": ["v0", "v1", "v2"],
    "self": "[variables('self')]",
    "first": "[variables('second')]",
    "second": "[variables('first')]",
    "escaped": "[[x]",
    "quoted": "[concat('it''s ', 'so')]",
    "copy": [{"name": "looped", "count": 3, "input": "[concat('n', copyIndex('looped'))]"}],
    "withCopy": {"copy": [{"name": "inner", "count": 2, "input": "i"}]},
    "text": "{\"id\": \"[j]\", \"n\": [1, 2]}"
  },
  "resources": [{"type": "Microsoft.Resources/deployments", "name": "%s", "properties": {"mode": "Incremental", "template": {"resources": []}}}]
}`

func namesOf(t testing.TB, expression string) shownName {
	t.Helper()
	return namesIn(t, "a.json", []byte(fmt.Sprintf(evalTemplate, strings.ReplaceAll(expression, `"`, `\"`))))[0]
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		expression string
		want       string // alternatives, by |
		max        int
	}{
		{"plain text", "plain text", 10},
		{"[[not]", "[not]", 5},
		{"[concat('a', 'b', 1, true())]", "ab1True", 7},
		{"[format('{0}-{1:D3}-{{x}}', variables('plain'), 7)]", "p-007-{x}", 9},
		{"[format('{0}', parameters('count'))]", "3", 1},
		{"[uniqueString(resourceGroup().id)]", "{uniqueString()}", 13},
		{"[UNIQUESTRING('x')]", "{uniqueString()}", 13},
		{"[guid('x')]", "{guid()}", 36},
		{"[take(uniqueString('x'), 4)]", "{uniqueString()}", 4},
		{"[substring(concat('abcdef', uniqueString('x')), 3, 5)]", "def{uniqueString()}", 5},
		{"[skip('abcdef', 4)]", "ef", 2},
		{"[take('abcdef', 4)]", "abcd", 4},
		{"[toUpper(concat('a', variables('plain')))]", "AP", 2},
		{"[toLower('ÄB')]", "äb", 2},
		{"[trim('  a ')]", "a", 1},
		{"[replace('a.b.c', '.', '-')]", "a-b-c", 5},
		{"[replace(concat('a.', uniqueString('x')), '.', '')]", "a{uniqueString()}", 14},
		{"[padLeft(7, 3, '0')]", "007", 3},
		{"[join(createArray('a', 'b'), '-')]", "a-b", 3},
		{"[last(split('a/b/c', '/'))]", "c", 1},
		{"[first('abc')]", "a", 1},
		{"[string(length('abc'))]", "3", 1},
		{"[parameters('stage')]", "dev|prod", 4},
		{"[parameters('short')]", "{parameters('short')}", 5},
		{"[parameters('free')]", "{parameters('free')}", -1},
		{"[parameters('location')]", "{resourceGroup().location}", longestRegion()},
		{"[parameters('missing')]", "{parameters('missing')}", -1},
		{"[take(parameters('free'), 10)]", "{parameters('free')}", 10},
		{"[take(concat(parameters('free'), '-abc'), 10)]", "{parameters('free')}-abc", 10},
		{"[concat(take(parameters('free'), 10), '-abc')]", "{parameters('free')}-abc", 14},
		{"[parameters('names').b.c]", "y", 1},
		{"[parameters('names')['a']]", "x", 1},
		{"[variables('object').a]", "p1", 2},
		{"[variables('object').list[1]]", "l1", 2},
		{"[variables('list')[copyIndex()]]", "v0|v1|v2", 2},
		{"[variables('looped')[copyIndex()]]", "n{copyIndex()}", 4},
		{"[variables('withCopy').inner[0]]", "i", 1},
		{"[variables(concat('pl', 'ain'))]", "p", 1},
		{"[variables('escaped')]", "[x]", 3},
		{"[variables('quoted')]", "it's so", 7},
		{"[json(variables('text')).id]", "[j]", 3},
		{"[json(variables('text')).n[1]]", "2", 1},
		{"[variables('self')]", "{variables('self')}", -1},
		{"[variables('first')]", "{variables('first')}", -1},
		{"[if(true(), 'a', 'b')]", "a", 1},
		{"[if(parameters('on'), 'a', 'bc')]", "a|bc", 2},
		{"[if(equals(variables('plain'), 'P'), 'a', 'b')]", "a", 1},
		{"[if(and(false(), parameters('on')), 'a', 'b')]", "b", 1},
		{"[if(or(true(), parameters('on')), 'a', 'b')]", "a", 1},
		{"[if(contains(parameters('names'), 'a'), if(empty(''), 'x', 'y'), 'z')]", "x|z", 1},
		{"[coalesce(null(), 'a')]", "a", 1},
		{"[coalesce(parameters('free'), 'a')]", "{parameters('free')}|a", -1},
		{"[tryGet(variables('object'), 'a')]", "p1", 2},
		{"[variables('object').?a]", "p1", 2},
		{"[union(variables('object'), createObject('a', 'z')).a]", "z", 1},
		{"[deployment().name]", "{deployment().name}", 64},
		{"[concat(subscription().subscriptionId, utcNow('yyyy-MM'))]", "{subscription().subscriptionId}{utcNow()}", 43},
		{"[reference('x').outputs.y.value]", "{reference().outputs.y.value}", -1},
		{"[contoso.name('x')]", "{contoso.name()}", -1},
		{"[add(2, mul(3, 4))]", "14", 2},
		{"[div(1, 0)]", "{number}", 3},
		{"[concat('a'", "[concat('a'", 11},
		{"[concat('a']", "{...}", -1},
	} {
		n := namesOf(t, c.expression)
		if diff := cmp.Diff(c.want, strings.Join(n.Texts, "|")); diff != "" {
			t.Errorf("%s: %s", c.expression, diff)
		}
		if n.Max != c.max {
			t.Errorf("%s: %d characters, want %d", c.expression, n.Max, c.max)
		}
	}
}

func longestRegion() int {
	longest := 0
	for _, name := range azure.Regions() {
		longest = max(longest, len(name))
	}
	return longest
}

// TestHostile builds values that double with each step: they must end soon, as holes.
func TestHostile(t *testing.T) {
	for _, step := range []string{
		"[concat(variables('v#'), variables('v#'))]",
		"[createArray(variables('v#'), variables('v#'))]",
		"[union(variables('v#'), variables('v#'))]",
		"[createObject('a', variables('v#'), 'b', variables('v#'))]",
		"[if(parameters('x'), concat('a', variables('v#')), concat('b', variables('v#')))]",
		"[replace(variables('v#'), 'a', 'aa')]",
	} {
		for _, start := range []string{`"a"`, `{"a": "x"}`, `["a"]`} {
			var b strings.Builder
			fmt.Fprintf(&b, `{"$schema": "https://x/deploymentTemplate.json#", "variables": {"v0": %s`, start)
			const n = 3000
			for i := range n {
				fmt.Fprintf(&b, `, "v%d": %q`, i+1, strings.ReplaceAll(step, "#", strconv.Itoa(i)))
			}
			fmt.Fprintf(&b, `}, "resources": [
				{"type": "Microsoft.Resources/deployments", "name": "[variables('v%[1]d')]", "condition": "[variables('v%[1]d').a.b]"},
				{"type": "Microsoft.Resources/deployments", "name": "[variables('v%[2]d').a.b.a.b]"}]}`, n, n/100)
			text := b.String()
			done := make(chan error, 1)
			go func() { _, err := Check("a.json", []byte(text), Options{}); done <- err }()
			select {
			case err := <-done:
				if err != nil {
					t.Errorf("%s: %v", step, err)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("%s from %s does not end", step, start)
			}
		}
	}
}
