package template

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
)

// Errors of packages.
var (
	ErrUnsafePath  = errors.New("the package has a path that leaves it")
	ErrPackageSize = errors.New("the package is larger than the limits allow")
	ErrNoMain      = errors.New("the package has no main template (mainTemplate.json)")
)

// Package is a Marketplace package: a zip with a main template. Nothing is unpacked to disk.
type Package struct {
	files map[string]*zip.File
	names []string
	left  int64 // bytes that may still be unpacked
	limit Limits
}

func isZip(data []byte) bool { return bytes.HasPrefix(data, []byte("PK\x03\x04")) }

// OpenPackage reads the directory of a zip and refuses paths that leave it, repeated names, and sizes beyond the limits.
func OpenPackage(data []byte, l Limits) (*Package, error) {
	l = l.withDefaults()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("not a readable zip: %w", err)
	}
	if len(z.File) > l.MaxFiles {
		return nil, fmt.Errorf("%w: %d files", ErrPackageSize, len(z.File))
	}
	p := &Package{files: map[string]*zip.File{}, left: l.MaxTotal, limit: l}
	for _, f := range z.File {
		name := strings.TrimPrefix(strings.TrimSuffix(f.Name, "/"), "./")
		if !fs.ValidPath(name) || strings.ContainsAny(name, `\:`) || strings.ContainsRune(name, 0) {
			return nil, fmt.Errorf("%w: %q", ErrUnsafePath, f.Name)
		}
		if f.FileInfo().IsDir() {
			continue
		}
		if f.Mode()&fs.ModeType != 0 {
			return nil, fmt.Errorf("%w: %q is not an ordinary file", ErrUnsafePath, f.Name)
		}
		if p.files[name] != nil {
			return nil, fmt.Errorf("the package has %q twice", f.Name)
		}
		p.files[name] = f
		p.names = append(p.names, name)
	}
	slices.Sort(p.names)
	return p, nil
}

// Read returns the content of one file.
func (p *Package) Read(name string) ([]byte, error) {
	f := p.files[name]
	if f == nil {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	most := min(p.limit.MaxFile, p.left)
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s: %w", name, ErrPackageSize)
	}
	p.left -= int64(len(data))
	return data, nil
}

// Main returns the main template: mainTemplate.json at the root, else azuredeploy.json there, else the only mainTemplate.json in a folder.
func (p *Package) Main() (string, error) {
	for _, want := range [...]string{"mainTemplate.json", "azuredeploy.json"} {
		for _, name := range p.names {
			if strings.EqualFold(name, want) {
				return name, nil
			}
		}
	}
	var deeper []string
	for _, name := range p.names {
		if strings.EqualFold(path.Base(name), "mainTemplate.json") {
			deeper = append(deeper, name)
		}
	}
	switch len(deeper) {
	case 0:
		return "", ErrNoMain
	case 1:
		return deeper[0], nil
	}
	return "", fmt.Errorf("%w at its root, and %d of them in folders: %s", ErrNoMain, len(deeper), sample(deeper))
}

// checkPackage checks the main template of a package and all other templates in it, as linked ones.
func checkPackage(name string, data []byte, o Options) ([]Finding, []string, error) {
	p, err := OpenPackage(data, o.Limits)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	main, err := p.Main()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if o.Channel == "" {
		o.Channel = "marketplace"
	}
	o.Open, o.at = nil, "" // every template is checked anyway
	names := []string{main}
	for _, n := range p.names {
		if n != main && strings.EqualFold(path.Ext(n), ".json") {
			names = append(names, n)
		}
	}
	var found []Finding
	var ids []string
	for _, n := range names {
		content, err := p.Read(n)
		if err != nil {
			return nil, nil, fmt.Errorf("%s!%w", name, err)
		}
		local := o
		local.Role = Main
		if n != main {
			local.Role = Linked
			if doc, err := arm.Read(content); err != nil || !isTemplate(doc) {
				continue // createUiDefinition.json, parameters, data
			}
		}
		f, more, err := checkFile(name+"!"+n, content, local)
		if err != nil {
			return nil, nil, err
		}
		if n == main && main != "mainTemplate.json" {
			c := newChecker(name+"!"+n, content, local)
			c.report("P01", deployments.Place{Path: "$"}, "the main template is %s; Partner Center looks for mainTemplate.json at the root", arm.Clip(main))
			f = append(c.found, f...)
		}
		found = append(found, f...)
		for _, id := range more {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return found, ids, nil
}

func isTemplate(doc *arm.Document) bool {
	_, ok := deployments.SchemaScope(doc.Root.Get("$schema").Str())
	return ok
}
