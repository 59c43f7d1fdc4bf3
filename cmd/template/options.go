package template

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/source"
)

// Role says what part a file plays.
type Role uint8

// The roles. Auto goes by who links to the file, then by its name (places.csv); its folder says nothing.
const (
	Auto Role = iota
	Main
	Linked // a linked template or module: no place for a tracking id
)

// Registration is what the registry knows about an id.
type Registration struct {
	Offer   string
	SKU     string
	Channel string
	Retired time.Time // zero while in use
}

// Registry answers for tracking ids: lower case, without pid- and -partnercenter.
type Registry interface {
	// Lookup returns the registrations of an id; none when it is not registered.
	Lookup(id string) []Registration
	// IDs returns all registered ids; they are what a broken id can have been meant to be.
	IDs() []string
}

// Options adjust a check. The zero value checks everything that a file alone can tell.
type Options struct {
	Off      []string  // ids of rules that stay silent
	Registry Registry  // nil: nothing is said about registration
	Channel  string    // distribution channel of the file ("marketplace", ...), which its ids must be registered for; empty: found by name and package
	Offer    string    // offer that the ids of the file must be registered for; empty: any
	Today    time.Time // for retired ids; zero: a retired id counts as retired whatever its date
	Role     Role

	// Elsewhere names other products by the ids they carry, for L16. CheckAll adds the files it is given.
	Elsewhere map[string][]string

	// Open reads a file that a checked one refers to, by its place (File.At). It must refuse places outside of what is checked, and what
	// is larger than any template. nil: such files are not looked at.
	Open func(at string) ([]byte, error)

	Limits Limits

	near    *neighbours     // the files that are checked together; nil: only the one
	at      string          // place of the file; empty: its name
	links   *links          // of the files that are checked together
	visited map[string]bool // files that are checked, or were through a link
}

// Limits guard against files that are not what they seem; zero means the default.
type Limits struct {
	MaxFile  int64 // bytes of one file, also unpacked; 20 MiB
	MaxTotal int64 // bytes of a package unpacked; 200 MiB
	MaxFiles int   // files in a package; 5000
}

func (l Limits) withDefaults() Limits {
	if l.MaxFile <= 0 {
		l.MaxFile = 20 << 20
	}
	if l.MaxTotal <= 0 {
		l.MaxTotal = 200 << 20
	}
	if l.MaxFiles <= 0 {
		l.MaxFiles = 5000
	}
	return l
}

// linked reports whether a file is a linked template, and so no place for an id.
func (o Options) linked(name string) bool {
	switch {
	case o.Role != Auto:
		return o.Role == Linked
	case o.links != nil && o.links.by[o.place(name)] != "":
		return true
	}
	base := strings.ToLower(path.Base(source.Slashed(name)))
	for prefix := range data().places["linked_prefix"] {
		if strings.HasPrefix(base, prefix) {
			return true
		}
	}
	return false
}

func (o Options) place(name string) string {
	if o.at != "" {
		return o.at
	}
	return path.Clean(source.Slashed(name))
}

// mainExtensions are those of the files that can be a main template.
var mainExtensions = []string{".json", ".jsonc", ".bicep"}

// MainNames are the usual names of main templates.
func MainNames() []string {
	var out []string
	for _, name := range data().mains {
		for _, x := range mainExtensions {
			out = append(out, name+x)
		}
	}
	return out
}

// isMainName reports whether a file has the name of a main template: main, or with mainTemplate or azuredeploy as a word in it, such as
// azuredeploy-auto.json.
func isMainName(name string) bool {
	base := path.Base(source.Slashed(name))
	ext := path.Ext(base)
	if !slices.Contains(mainExtensions, strings.ToLower(ext)) || strings.HasPrefix(base, "_") {
		return false
	}
	places, stem := data().places, strings.ToLower(strings.TrimSuffix(base, ext))
	return places["main"][stem] || slices.ContainsFunc(strings.FieldsFunc(stem, func(c rune) bool { return strings.ContainsRune(".-_ ", c) }), func(word string) bool {
		return places["main_word"][word]
	})
}

// marketplace reports whether a file belongs to a Marketplace offer.
func (o Options) marketplace(name string) bool {
	where := o.Channel
	if where == "" {
		parts := strings.Split(source.Slashed(name), "/")
		where = path.Join(parts[max(0, len(parts)-2):]...)
	}
	return strings.Contains(strings.ToLower(where), "marketplace")
}

func (o Options) files() arm.Files { return arm.Files{Open: o.Open, Most: o.Limits.MaxFile} }
