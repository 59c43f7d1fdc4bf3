// Package source finds the settings of the User-Agent in scripts, pipelines and programs, and the values that they are given; and it knows
// the language of a file by its name. Nothing is executed.
package source

import (
	_ "embed"
	"path"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/queries/facts"
)

// IsSource reports whether the language is known of a file by its name: Bicep, Terraform, shell, PowerShell, YAML and the code of
// Azure's SDKs (sources.csv).
func IsSource(name string) bool { return Language(name) != "" }

// Language is the language of a file by its name (sources.csv); empty when it is not known.
func Language(name string) string {
	base := strings.ToLower(path.Base(Slashed(name)))
	if l := languages()[base]; l != "" {
		return l
	}
	for i := range len(base) {
		if base[i] != '.' {
			continue
		}
		if l := languages()[base[i:]]; l != "" { // main.tf.json before .json
			return l
		}
		if l := languages()[base[:i]]; l != "" { // Dockerfile.prod, .env.prod
			return l
		}
	}
	return ""
}

// Related reports whether two sources share names when they lie in one folder, so that the one is checked with the other beside it.
func Related(name, other string) bool {
	a, b := Language(name), Language(other)
	return a != "" && a != "bicep" && kinOf(a) == kinOf(b)
}

//go:embed sources.csv
var sourcesCSV string

// languages are those of sources, by extension or file name in lower case.
var languages = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, f := range facts.Rows("sources.csv", sourcesCSV) {
		out[f[0]] = f[1]
	}
	return out
})

// File is a source among others.
type File struct {
	Name string // as findings show it
	At   string // where it is, with slashes
	Data []byte // its content
}

// Slashed also sees the folders of a Windows path and of a file in a package.
func Slashed(name string) string {
	return strings.NewReplacer(`\`, "/", "!", "/").Replace(name)
}
