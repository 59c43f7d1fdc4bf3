package template

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// inFolder reads files below a folder of a file system only, as template check does.
func inFolder(files fstest.MapFS, folder string) func(at string) ([]byte, error) {
	return func(at string) ([]byte, error) {
		if at != folder && !strings.HasPrefix(path.Clean(at), folder+"/") {
			return nil, errors.New("outside")
		}
		return fs.ReadFile(files, path.Clean(at))
	}
}

// trackedAs is a Bicep file with a tracking deployment of a name.
func trackedAs(head, name string) string {
	return head + "\nresource tracking 'Microsoft.Resources/deployments@2022-09-01' = {\n  name: " + name + "\n  properties: {\n    mode: 'Incremental'\n    template: {\n      '$schema': '" +
		groupSchema + "'\n      contentVersion: '1.0.0.0'\n      resources: []\n    }\n  }\n}\n"
}

// TestBicepNames follows a name to where the id is written: all of it is fixed when Bicep compiles, so that no parameter is suspected.
func TestBicepNames(t *testing.T) {
	files := fstest.MapFS{
		"app/ids.json":        {Data: []byte("\ufeff{\n  // ours\n  \"ids\": {\"policy\": \"" + idRetired + "\", \"all\": [\"" + idA + "\", \"" + idRetired + "\"]}}")},
		"app/id.txt":          {Data: []byte(idRetired)},
		"app/ids.yaml":        {Data: []byte("# ours\nids:\n  policy: " + idRetired + "\n  all: [" + idA + ", " + idRetired + "]\n")},
		"app/anchor.yaml":     {Data: []byte("a: &a " + idRetired + "\nid: *a\n")},
		"app/ids.bicep":       {Data: []byte("import { half } from 'sub/half.bicep'\n@export()\nvar partnerId = '${half}-b8d0-71e6f2a3948c'\n@export()\n@description('''\nname\n''')\nfunc pidName(id string, more string?) string => 'pid-${id}'\n@export()\nfunc fixed() string => 'pid-${partnerId}'\nvar unused = [ )\n")},
		"app/sub/half.bicep":  {Data: []byte("@export()\nvar half = '" + idRetired[:18] + "'\n")},
		"app/circle.bicep":    {Data: []byte("import { partnerId } from 'circle2.bicep'\n@export()\nvar again = partnerId\n")},
		"app/circle2.bicep":   {Data: []byte("import { again } from 'circle.bicep'\n@export()\nvar partnerId = again\n")},
		"app/compiled.json":   {Data: []byte(`{"variables":{"partnerId":"` + idRetired + `"},"functions":[{"namespace":"__bicep","members":{"pidName":{"parameters":[{"name":"id","type":"string"}],"output":{"type":"string","value":"[format('pid-{0}', parameters('id'))]"}}}}]}`)},
		"app/wide.json":       {Data: []byte("\xff\xfe" + strings.Join(strings.Split(`{"id": "`+idRetired+`"}`, ""), "\x00") + "\x00")},
		"secret.json":         {Data: []byte(`{"id": "` + idRetired + `"}`)},
		"secret.bicep":        {Data: []byte("@export()\nvar partnerId = '" + idRetired + "'\n")},
		"app/sub/parent.json": {Data: []byte(`{"id": "` + idRetired + `"}`)},
	}
	for name, c := range map[string]struct{ head, name, want string }{
		"function":           {"func pidName(id string) string => 'pid-${id}'", "pidName('" + idRetired + "')", "L06 R02"},
		"function of two":    {"@description('x')\nfunc pidName(a string, b { x: string, y: int }?,\n  c int[]) string => '${a}-${b}'\n", "pidName('pid', '" + idRetired + "', [])", "L06 R02"},
		"function and var":   {"var id = '" + idRetired + "'\nfunc pidName() string =>\n  'pid-${id}'", "pidName()", "L06 R02"},
		"functions":          {"func a(x string) string => 'pid-${x}'\nfunc b(x string) string => a(toLower(x))", "b('" + strings.ToUpper(idRetired) + "')", "L06 R02"},
		"function and param": {"param id string\nfunc a(x string) string => 'pid-${x}'", "a(id)", "L05"},
		"own name hidden":    {"param id string\nfunc a(id string) string => 'pid-${id}'", "a('" + idRetired + "')", "L06 R02"},
		"import":             {"import { partnerId } from 'ids.bicep'", "'pid-${partnerId}'", "L06 R02"},
		"import as":          {"import {\n  pidName as p\n  partnerId as id\n} from './ids.bicep'", "p(id, null)", "L06 R02"},
		"import all":         {"import * as ids from 'ids.bicep'", "ids.pidName(ids.partnerId)", "L06 R02"},
		"import fixed":       {"import * as ids from 'ids.bicep'", "ids.fixed()", "L06 R02"},
		"import compiled":    {"import { partnerId, pidName } from 'compiled.json'", "pidName(partnerId)", "L06 R02"},
		"import circle":      {"import { partnerId } from 'circle2.bicep'", "'pid-${partnerId}'", "L05"},
		"import outside":     {"import { partnerId } from '../secret.bicep'", "'pid-${partnerId}'", "L06"},
		"import missing":     {"import * as ids from 'gone.bicep'", "'pid-${ids.partnerId}'", "L06"},
		"loadTextContent":    {"", "'pid-${loadTextContent('id.txt')}'", "L06 R02"},
		"json of text":       {"var t = json(loadTextContent('ids.json', 'utf-8'))", "'pid-${t.ids.policy}'", "L06 R02"},
		"suffix":             {"var t = json(loadTextContent('ids.json'))", "'pid-${t.ids.policy}-x-${uniqueString(resourceGroup().id)}'", "L06 L08 R02"},
		"UTF-16":             {"var t = json(loadTextContent('wide.json', 'utf-16'))", "'pid-${t.id}'", "L06 R02"},
		"base64":             {"var t = json(base64ToString(loadFileAsBase64('ids.json')))", "'pid-${t.ids.policy}'", "L06 R02"},
		"no base64":          {"var t = base64ToString('?')", "'pid-${t}'", "L05"},
		"loadJsonContent":    {"var t = loadJsonContent('ids.json').ids", "'pid-${t.policy}'", "L06 R02"},
		"path":               {"var id = loadJsonContent('./sub/../ids.json', '$.ids.policy')", "'pid-${id}'", "L06 R02"},
		"path with index":    {"var id = loadJsonContent('ids.json', 'ids.all[1]')", "'pid-${id}'", "L06 R02"},
		"path with quotes":   {"var id = loadJsonContent('ids.json', '$[\\'ids\\'].policy')", "'pid-${id}'", "L06 R02"},
		"name of a variable": {"var file = 'ids.json'\nvar id = loadJsonContent(file, 'ids.policy')", "'pid-${id}'", "L06 R02"},
		"loadYamlContent":    {"var t = loadYamlContent('ids.yaml', 'ids')", "'pid-${t.policy}'", "L06 R02"},
		"yaml index":         {"var t = loadYamlContent('ids.yaml')", "'pid-${t.ids.all[1]}'", "L06 R02"},
		"yaml anchor":        {"var t = loadYamlContent('anchor.yaml')", "'pid-${t.id}'", "L06"},
		"outside":            {"var t = loadJsonContent('../secret.json')", "'pid-${t.id}'", "L06"},
		"outside, text":      {"var t = json(loadTextContent('sub/../../secret.json'))", "'pid-${t.id}'", "L06"},
		"absolute":           {"", "'pid-${loadTextContent('/secret.json')}'", "L06"},
		"missing":            {"", "'pid-${loadTextContent('gone.txt')}'", "L06"},
		"in a parameter":     {"param id string = loadTextContent('id.txt')", "'pid-${id}'", "L05 R02"},
		"lines":              {"var id = '''\n" + idRetired + "'''", "'pid-${id}'", "L06 R02"},
		"lines with code":    {"var id = '" + idRetired + "'", "$'''pid-${id}'''", "L06 R02"},
		"lines with more":    {"var id = '" + idRetired + "'", "$$'''\npid-$${toLower(id)}'''", "L06 R02"},
		"any":                {"var t = any(loadJsonContent('ids.json'))", "'pid-${t.ids.policy}'", "L06 R02"},
		"trimmed":            {"", "'pid-${trim(loadTextContent('id.txt'))}'", "L06 R02"},
		"ternary":            {"param prod bool\nvar ids = { a: '" + idRetired + "', b: '" + idRetired + "' }", "'pid-${prod ? ids.a : ids['b']}'", "L06 R02"},
		"spread":             {"var a = { id: '" + idRetired + "' }\nvar b = { ...a, x: 1 }", "'pid-${b.id}'", "L06 R02"},
	} {
		found, err := Check("app/deploy.bicep", []byte(trackedAs(c.head, c.name)), Options{Open: inFolder(files, "app"), Registry: registry, Today: date("2025-01-01")})
		if err != nil {
			t.Fatal(err)
		}
		if got := idsIn(found); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %v, want %s\n%+v", name, got, c.want, found)
		}
	}
}

// TestBicepEndlessFunction comes to an end, whatever it makes of the name.
func TestBicepEndlessFunction(t *testing.T) {
	if _, err := Check("a.bicep", []byte(trackedAs("func a(x string) string => '${a(x)}${a(x)}'", "a('pid-')")), Options{}); err != nil {
		t.Fatal(err)
	}
}

// TestBicepLoops takes the items of a list for the names of the deployments that a loop makes.
func TestBicepLoops(t *testing.T) {
	body := func(name string) string {
		return "{\n  name: " + name + "\n  properties: {\n    mode: 'Incremental'\n    template: {\n      '$schema': '" + groupSchema + "'\n      contentVersion: '1.0.0.0'\n      resources: {}\n    }\n  }\n}"
	}
	for name, c := range map[string]struct{ src, want string }{
		"list":      {"var ids = [\n  '" + idA + "'\n  '" + idB + "'\n]\nresource t 'Microsoft.Resources/deployments@2022-09-01' = [for id in ids: " + body("'pid-${id}'") + "]\n", "L06 L15"},
		"index":     {"var ids = ['" + idA + "']\nresource t 'Microsoft.Resources/deployments@2022-09-01' = [for (id, i) in ids: if (i < 1) " + body("'pid-${id}-${i}'") + "]\n", "L06 L08 L13 L14"},
		"objects":   {"var all = [{ id: '" + idA + "' }]\nresource t 'Microsoft.Resources/deployments@2022-09-01' = [for x in all: " + body("'pid-${x.id}'") + "]\n", "L06"},
		"in a list": {"var names = [for id in ['" + idA + "']: 'pid-${id}']\nresource t 'Microsoft.Resources/deployments@2022-09-01' = " + body("names[0]") + "\n", "L06"},
		"module":    {"module m 'gone.bicep' = [for id in ['" + idA + "']: {\n  name: 'pid-${id}'\n}]\n", "L04"},
	} {
		found, err := Check("app/deploy.bicep", []byte(c.src), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := idsIn(found); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %v, want %s\n%+v", name, got, c.want, found)
		}
	}
}

// TestUserFunctions follows the functions that an ARM template declares.
func TestUserFunctions(t *testing.T) {
	data := strings.Replace(pidTemplate("[contoso.pidName('"+idRetired+"')]"), `"contentVersion"`,
		`"functions":[{"namespace":"Contoso","members":{"pidName":{"parameters":[{"name":"id","type":"string"}],"output":{"type":"string","value":"[concat('pid-', parameters('id'))]"}}}}],"contentVersion"`, 1)
	found, err := Check("azuredeploy.json", []byte(data), Options{Registry: registry})
	if got := idsIn(found); err != nil || !slices.Equal(got, []string{"L06", "R02"}) {
		t.Errorf("%v %v", got, err)
	}
}
