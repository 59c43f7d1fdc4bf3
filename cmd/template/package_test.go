package template

import (
	"archive/zip"
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// zipOf packs files given as name, content, name, content.
func zipOf(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pidTemplate(name string) string {
	return `{"$schema":"` + groupSchema + `","contentVersion":"1.0.0.0","resources":[{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"` + name +
		`","properties":{"mode":"Incremental","template":{"$schema":"` + groupSchema + `","contentVersion":"1.0.0.0","resources":[]}}}]}`
}

func TestPackage(t *testing.T) {
	data := zipOf(t,
		"mainTemplate.json", pidTemplate("pid-"+idA),
		"createUiDefinition.json", `{"handler": "Microsoft.Azure.CreateUIDef"}`,
		"nested/broken.json", `{`,
		"nested/vm.json", pidTemplate("pid-"+idB),
		"scripts/setup.sh", "export AZURE_HTTP_USER_AGENT=x",
	)
	found, err := Check("offer.zip", data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, f := range found {
		got[f.File] = append(got[f.File], f.Rule)
	}
	if !slices.Equal(got["offer.zip!mainTemplate.json"], []string{"L21"}) {
		t.Errorf("main template: %v", got["offer.zip!mainTemplate.json"])
	}
	if !slices.Contains(got["offer.zip!nested/vm.json"], "L07") {
		t.Errorf("linked template: %v", got["offer.zip!nested/vm.json"])
	}
	if len(got) != 2 {
		t.Errorf("findings in %v", got)
	}
}

func TestPackageRefuses(t *testing.T) {
	main := pidTemplate("pid-" + idA + "-partnercenter")
	for _, c := range []struct {
		name string
		data []byte
		o    Options
		want error
	}{
		{"parent", zipOf(t, "mainTemplate.json", main, "../x.json", main), Options{}, ErrUnsafePath},
		{"absolute", zipOf(t, "/mainTemplate.json", main), Options{}, ErrUnsafePath},
		{"drive", zipOf(t, "mainTemplate.json", main, `C:\x.json`, main), Options{}, ErrUnsafePath},
		{"inner parent", zipOf(t, "a/../mainTemplate.json", main), Options{}, ErrUnsafePath},
		{"files", zipOf(t, "mainTemplate.json", main, "a", "", "b", ""), Options{Limits: Limits{MaxFiles: 2}}, ErrPackageSize},
		{"file size", zipOf(t, "mainTemplate.json", main, "x.json", strings.Repeat(" ", 4096)), Options{Limits: Limits{MaxFile: 1024}}, ErrPackageSize},
		{"total", zipOf(t, "mainTemplate.json", main, "x.json", strings.Repeat(" ", 900)), Options{Limits: Limits{MaxFile: 1024, MaxTotal: 1200}}, ErrPackageSize},
		{"no main", zipOf(t, "vm.json", main), Options{}, ErrNoMain},
		{"two mains", zipOf(t, "a/mainTemplate.json", main, "b/mainTemplate.json", main), Options{}, ErrNoMain},
		{"damaged", zipOf(t, "mainTemplate.json", main)[:60], Options{}, zip.ErrFormat},
	} {
		if _, err := Check(c.name+".zip", c.data, c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := Check("twice.zip", zipOf(t, "mainTemplate.json", main, "mainTemplate.json", main), Options{}); err == nil {
		t.Error("a name twice was accepted")
	}
	if _, err := Check("big.json", []byte(main), Options{Limits: Limits{MaxFile: 10}}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("big file: %v", err)
	}
}

// TestLinks follows linked templates in a file system, once each, and nowhere else.
func TestLinks(t *testing.T) {
	link := func(links ...string) string {
		var res []string
		for i, l := range links {
			res = append(res, `{"type":"Microsoft.Resources/deployments","name":"m`+string(rune('0'+i))+`","properties":{"mode":"Incremental","templateLink":{`+l+`}}}`)
		}
		return `{"$schema":"` + groupSchema + `","parameters":{"_artifactsLocation":{"type":"string","defaultValue":"[deployment().properties.templateLink.uri]"}},
			"resources":[` + strings.Join(res, ",") + `]}`
	}
	files := fstest.MapFS{
		"app/inner/a.json": {Data: []byte(pidTemplate("pid-" + idB))},
		"app/inner/b.json": {Data: []byte(link(`"relativePath":"b.json"`, `"relativePath":"c.json"`))},
		"app/inner/c.json": {Data: []byte(pidTemplate("pid-" + idRetired))},
		"secret.json":      {Data: []byte(pidTemplate("pid-" + idA))},
	}
	main := link(
		`"relativePath":"inner/a.json"`,
		`"uri":"[uri(parameters('_artifactsLocation'), 'inner/b.json')]"`,
		`"uri":"https://contoso.com/inner/a.json"`,
		`"relativePath":"../../secret.json"`,
		`"relativePath":"missing.json"`,
	)
	found, err := Check("app/azuredeploy.json", []byte(main), Options{Open: files.ReadFile})
	if err != nil {
		t.Fatal(err)
	}
	var nested []string
	for _, f := range found {
		if f.Rule == "L07" {
			nested = append(nested, f.File)
		}
		if f.ID == idA {
			t.Errorf("a file outside was read: %+v", f)
		}
	}
	slices.Sort(nested)
	if want := []string{"app/inner/a.json", "app/inner/c.json"}; !slices.Equal(nested, want) {
		t.Errorf("ids in %v, want %v", nested, want)
	}
}

func TestCheckAll(t *testing.T) {
	files := []File{
		{Name: "a/azuredeploy.json", Data: []byte(pidTemplate("pid-" + idA))},
		{Name: "a/other.json", Data: []byte(pidTemplate("pid-" + idA))},
		{Name: "b/azuredeploy.json", Data: []byte(pidTemplate("pid-" + idB))},
		{Name: "c/deploy.sh", Data: []byte("export AZURE_HTTP_USER_AGENT=pid-" + idB)},
		{Name: "d/broken.json", Data: []byte("{")},
	}
	found, err := CheckAll(files, Options{})
	if err == nil || !strings.Contains(err.Error(), "d/broken.json: line 1, column 2") {
		t.Errorf("error %v", err)
	}
	var shared []string
	for _, f := range found {
		if f.Rule == "L16" {
			shared = append(shared, f.File+" "+f.ID)
		}
	}
	if want := []string{"b/azuredeploy.json " + idB, "c/deploy.sh " + idB}; !slices.Equal(shared, want) {
		t.Errorf("shared ids: %v, want %v", shared, want)
	}
}
