package template

import (
	"io/fs"
	"path"
	"strings"
	"time"
)

// Scope is where a template is deployed to.
type Scope string

// The scopes, from the narrowest.
const (
	ResourceGroup   Scope = "resource_group"
	Subscription    Scope = "subscription"
	ManagementGroup Scope = "management_group"
	Tenant          Scope = "tenant"
)

// Role says what part a file plays.
type Role uint8

// The roles. Auto goes by the name of the file and its folder (places.csv).
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

	// FS holds linked templates, by paths relative to the checked file's name; nil: they are not looked at.
	FS fs.FS

	Limits Limits

	near *neighbours // the files that are checked together; nil: only the one
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

// role resolves Auto for a file.
func (o Options) role(name string) Role {
	if o.Role != Auto {
		return o.Role
	}
	places := data().places
	parts := strings.Split(strings.ToLower(slashed(name)), "/")
	for _, folder := range parts[:len(parts)-1] {
		if places["linked_folder"][folder] {
			return Linked
		}
	}
	base := parts[len(parts)-1]
	for prefix := range places["linked_prefix"] {
		if strings.HasPrefix(base, prefix) {
			return Linked
		}
	}
	return Main
}

// marketplace reports whether a file belongs to a Marketplace offer.
func (o Options) marketplace(name string) bool {
	where := o.Channel
	if where == "" {
		parts := strings.Split(slashed(name), "/")
		where = path.Join(parts[max(0, len(parts)-2):]...)
	}
	return strings.Contains(strings.ToLower(where), "marketplace")
}

// slashed also sees the folders of a Windows path and of a file in a package.
func slashed(name string) string {
	return strings.NewReplacer(`\`, "/", "!", "/").Replace(name)
}
