// Package setup makes the files with which a partner begins: settings, registry, and folders for the exports.
package setup

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/ingest/registry"
)

// Partner is who begins, and what it ships.
type Partner struct {
	Name                   string // as customers know it; may be empty
	MPNID                  string
	Offers, SKUs, Channels []string // SKUs may be empty: an id stands for the whole offer
}

// The files of a new folder, and its folder for exports.
const (
	Settings   = config.Name
	Registry   = "registry.csv"
	Exclusions = "exclusions.csv"
	Exports    = "exports"
)

// setKeys are the keys that the settings file sets; it shows the others as comments.
var setKeys = []string{"sources", "ledger", "registry", "exclusions", "report.dir", "report.formats"}

// ExportFolders are the folders below exports, for people's order: any layout is read. pidledger collect makes its own.
var ExportFolders = []string{"cost", "deployments", "operations", "activity"}

// settingsText is the beginning of the settings file.
//
//go:embed pidledger.yaml.tmpl
var settingsText string

// File is one file of a new folder.
type File struct {
	Name    string // in the folder
	Meaning string // for people
	Mode    fs.FileMode
	data    []byte
}

// Files are the files of a new folder, and the ids in its registry, which are made from random.
func Files(p Partner, today time.Time, random io.Reader) ([]File, []registry.Registration, error) {
	made, err := registry.Make(registry.Cells(p.Offers, p.SKUs, p.Channels), p.MPNID, today, random)
	if err != nil {
		return nil, nil, err
	}
	registrations, _, err := registry.Append(nil, made)
	if err != nil {
		return nil, nil, err
	}
	exclusions, _, err := registry.AppendExclusion(nil)
	if err != nil {
		return nil, nil, err
	}
	var settings bytes.Buffer
	t, err := template.New(Settings).Parse(settingsText)
	if err == nil {
		err = t.Execute(&settings, struct{ Partner, Registry, Exclusions, Exports, Top, Report, Sections string }{
			p.Name, Registry, Exclusions, Exports, otherKeys(""), otherKeys("report"), otherSections(),
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("write the settings: %w", err)
	}
	return []File{
		{Registry, "your tracking ids, one for each offer and channel", 0o644, registrations},
		{Exclusions, "customers who opted out; none yet", 0o600, exclusions},
		{Settings, "the settings, each with its meaning", 0o644, settings.Bytes()}, // last: with it the folder is complete
	}, made, nil
}

// otherKeys are the keys of a section that the settings file does not set, as comments; of the section "" those of none.
func otherKeys(section string) string {
	var b strings.Builder
	for _, k := range config.Keys() {
		in, name, nested := strings.Cut(k.Name, ".")
		indent := "#   "
		if !nested {
			in, name, indent = "", k.Name, "# "
		}
		if in == section && !slices.Contains(setKeys, k.Name) {
			value := k.Default
			if k.List && value != "" {
				value = "[" + strings.ReplaceAll(value, ",", ", ") + "]"
			}
			fmt.Fprintf(&b, "%s# %s\n%s\n", indent, k.Meaning, strings.TrimRight(indent+name+": "+value, " "))
		}
	}
	return b.String()
}

// otherSections are the sections that the settings file does not set at all, as comments.
func otherSections() string {
	var b strings.Builder
	done := []string{"", "report"}
	for _, k := range config.Keys() {
		section, _, nested := strings.Cut(k.Name, ".")
		if !nested || slices.Contains(done, section) {
			continue
		}
		done = append(done, section)
		fmt.Fprintf(&b, "\n# %s:\n%s", section, otherKeys(section))
	}
	return b.String()
}

// Free tells whether a folder has none of the files yet; the error of one that is there is fs.ErrExist.
func Free(folder string) error {
	for _, name := range []string{Settings, Registry, Exclusions} {
		name = filepath.Join(folder, name)
		switch _, err := os.Lstat(name); {
		case err == nil:
			return fmt.Errorf("%s: %w", name, fs.ErrExist)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

// Write makes the files and the folders for exports in a folder, and overwrites nothing.
func Write(folder string, files []File) error {
	for _, name := range ExportFolders {
		if err := os.MkdirAll(filepath.Join(folder, Exports, name), 0o755); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := disk.Create(filepath.Join(folder, f.Name), f.data, f.Mode); err != nil {
			return err
		}
	}
	return nil
}

// Commands get a first look: the usage of one subscription in the last whole month, and the evidence that Azure still has.
func Commands(now time.Time) []string {
	first := time.Date(now.UTC().Year(), now.UTC().Month()-1, 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	return []string{
		fmt.Sprintf("az consumption usage list --start-date %s --end-date %s \\\n    > %s/cost/%s.json",
			first.Format(time.DateOnly), last.Format(time.DateOnly), Exports, first.Format("2006-01")),
		"pidledger collect",
	}
}
