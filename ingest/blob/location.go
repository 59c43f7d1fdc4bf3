// Package blob reads and writes Azure Blob Storage: what a place in it is called, who may go there, what lies there, and a bounded folder of
// this machine for what was fetched. It knows no format and no ledger.
package blob

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Location is a folder or blob in a container.
type Location struct {
	Host      string // such as contoso.blob.core.windows.net, lower case
	Container string
	Prefix    string // without slashes at its ends; empty: the whole container
}

// publicSuffix is the one that a location does without.
const publicSuffix = ".blob.core.windows.net"

// schemes are those that a location can begin with.
var schemes = []string{"az://", "https://", "abfss://", "abfs://", "wasbs://"}

// IsLocation tells whether a text means a place in Blob Storage, and no path of this machine.
func IsLocation(text string) bool {
	for _, s := range schemes {
		if len(text) >= len(s) && strings.EqualFold(text[:len(s)], s) {
			return true
		}
	}
	return false
}

var (
	accountName   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,62}$`)
	hostName      = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+$`)
	containerName = regexp.MustCompile(`^([a-z0-9](-?[a-z0-9])*|\$logs|\$root|\$web)$`)
)

// Parse reads a location in any of its spellings: az://account/container/folder, https://account.blob.core.windows.net/container/folder,
// abfss://container@account.dfs.core.windows.net/folder. Other clouds are told by the suffix of the host. Errors do not repeat what follows
// a question mark: it may be a key.
func Parse(text string) (Location, error) {
	shown, _, query := strings.Cut(text, "?")
	if query {
		return Location{}, fmt.Errorf("%s has a query: a shared access signature (SAS) goes into the environment or the file of azure.credentials", shown)
	}
	at := strings.Index(text, "://")
	if !IsLocation(text) || at < 0 {
		return Location{}, fmt.Errorf("%s is not a location such as az://account/container/folder", shown)
	}
	scheme, rest := strings.ToLower(text[:at]), text[at+len("://"):]
	first, rest, _ := strings.Cut(rest, "/")
	var l Location
	if scheme == "az" || scheme == "https" {
		l.Container, l.Prefix, _ = strings.Cut(rest, "/")
	} else {
		l.Container, first, _ = strings.Cut(first, "@")
		l.Prefix = rest
	}
	l.Host = strings.ToLower(first)
	if scheme == "az" && !strings.Contains(l.Host, ".") {
		if !accountName.MatchString(l.Host) {
			return Location{}, fmt.Errorf("%s names no storage account: az://account/container/folder", shown)
		}
		l.Host += publicSuffix
	}
	l.Host = strings.Replace(l.Host, ".dfs.", ".blob.", 1)
	if scheme != "az" {
		var err error
		if l.Prefix, err = url.PathUnescape(l.Prefix); err != nil {
			return Location{}, fmt.Errorf("%s is not a location: a percent sign is not followed by two hexadecimal digits", shown)
		}
	}
	l.Prefix = strings.Trim(l.Prefix, "/")
	return l, l.check(shown)
}

func (l Location) check(shown string) error {
	switch {
	case !hostName.MatchString(l.Host) || !strings.Contains(l.Host, ".blob."):
		return fmt.Errorf("%s names no host of Blob Storage, such as account%s", shown, publicSuffix)
	case l.Container == "":
		return fmt.Errorf("%s names no container: az://account/container/folder", shown)
	case !containerName.MatchString(l.Container) || len(l.Container) > 63:
		return fmt.Errorf("%s: %q is not a name of a container", shown, l.Container)
	case slices.ContainsFunc(strings.Split(l.Prefix, "/"), func(part string) bool { return part == "." || part == ".." }):
		return errors.New(shown + " has . or .. in it, which may lead out of the container: name the folder itself")
	case strings.ContainsAny(l.Prefix, "*[]"):
		return errors.New(shown + " is a pattern: name a folder of the container, which is read with everything below it")
	}
	return nil
}

// Account is the name of the storage account.
func (l Location) Account() string {
	account, _, _ := strings.Cut(l.Host, ".")
	return account
}

// Blob is the name of a blob below the location.
func (l Location) Blob(rel string) string {
	if l.Prefix == "" {
		return rel
	}
	return l.Prefix + "/" + rel
}

// String spells the location the way it is kept and shown: az://account/container/folder, with the whole host where it is in another cloud.
func (l Location) String() string {
	text := l.Of("")
	if l.Prefix != "" {
		return l.Of(l.Prefix)
	}
	return strings.TrimSuffix(text, "/")
}

// Of spells a blob of the container.
func (l Location) Of(name string) string {
	return "az://" + strings.TrimSuffix(l.Host, publicSuffix) + "/" + l.Container + "/" + name
}

// Within tells whether one location lies in the other, or is the same.
func (l Location) Within(o Location) bool {
	return l.Host == o.Host && l.Container == o.Container && (o.Prefix == "" || l.Prefix == o.Prefix || strings.HasPrefix(l.Prefix, o.Prefix+"/"))
}
