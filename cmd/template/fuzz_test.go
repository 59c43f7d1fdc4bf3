package template

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

// seeds adds all fixtures of some kinds.
func seeds(f *testing.F, extensions ...string) {
	err := filepath.WalkDir(fixtures, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		for _, x := range extensions {
			if strings.HasSuffix(name, x) {
				data, err := os.ReadFile(name)
				if err != nil {
					return err
				}
				f.Add(data)
			}
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
}

// FuzzTag tags anything: what comes out has the id, is the input with insertions, and is not tagged again.
func FuzzTag(f *testing.F) {
	seeds(f, ".json")
	f.Add([]byte("{\"$schema\":\"" + groupSchema + "\",\n\"parameters\":{\"a\":{} // ,\n,},\"resources\":[/*,*/]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, o := range []TagOptions{{ID: idA}, {ID: idA, PartnerCenter: true, OptOut: true}, {ID: idA, PerRegion: true, AllowOthers: true}} {
			out, err := Tag(data, o)
			if err != nil {
				if out != nil && !(errors.Is(err, ErrAlreadyTagged) && bytes.Equal(out, data)) {
					t.Fatalf("output with %v", err)
				}
				continue
			}
			if !isSubsequence(data, out) {
				t.Fatalf("more than insertions: %q", out)
			}
			if again, err := Tag(out, o); !errors.Is(err, ErrAlreadyTagged) || !bytes.Equal(again, out) {
				t.Fatalf("tagged again: %v: %q", err, out)
			}
			found, err := Check("azuredeploy.json", out, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range found {
				if x.Rule == "L01" {
					t.Fatalf("no id in %q", out)
				}
			}
		}
	})
}

// FuzzSource scans anything in each language.
func FuzzSource(f *testing.F) {
	seeds(f, ".bicep", ".tf", ".tf.json", ".sh", ".ps1", ".yml", ".py", ".go", ".cs", ".txtar")
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"main.bicep", "main.tf", "main.tf.json", "a.tfvars", "a.sh", "a.yml", "a.ps1", "a.go", "a.py", "a.cs", "a.http", "a.cmd", ".env"} {
			c := newChecker(name, data, Options{Registry: registry, Limits: Limits{}.withDefaults()})
			c.source()
			found, _, err := c.done()
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range found {
				if x.Line < 1 || x.Column < 1 || x.EndLine < x.Line || x.Why == "" {
					t.Fatalf("%+v", x)
				}
			}
		}
	})
}

// FuzzPackage opens anything as a package: every name stays inside, and no more is unpacked than the limits allow.
func FuzzPackage(f *testing.F) {
	for _, names := range [][]string{{"mainTemplate.json", "createUiDefinition.json"}, {"a/mainTemplate.json", "a/nested/n.json"}, {"../x"}, {"/x"}, {`a\b`}, {"a", "a"}} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range names {
			w, err := z.Create(name)
			if err == nil {
				_, err = w.Write([]byte(`{"resources":[]}`))
			}
			if err != nil {
				f.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := Limits{MaxFiles: 20, MaxFile: 1 << 16, MaxTotal: 1 << 17}
		p, err := OpenPackage(data, limits)
		if err != nil {
			return
		}
		total := 0
		for _, name := range p.names {
			if !filepath.IsLocal(name) {
				t.Fatalf("%q leaves the package", name)
			}
			text, err := p.Read(name)
			if err == nil {
				total += len(text)
			}
		}
		if total > 1<<17 {
			t.Fatalf("%d bytes were unpacked", total)
		}
		_, _ = p.Main()
		_, _ = Check("a.zip", data, Options{Registry: registry, Limits: limits})
	})
}

// FuzzCheck checks anything as an ARM template: what can be read has findings, not an error.
func FuzzCheck(f *testing.F) {
	seeds(f, ".json", ".golden")
	f.Add([]byte("[1,,2]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := arm.Read(data); err != nil {
			return
		}
		if _, err := Check("fuzz.json", data, Options{Registry: registry}); err != nil {
			t.Fatal(err)
		}
	})
}
