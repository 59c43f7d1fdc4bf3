// Package config is the configuration: one list of settings, read from pidledger.yaml, environment variables and flags.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/queries/adhoc"
)

// Name is the configuration file that is used when none is named and the current folder has it.
const Name = "pidledger.yaml"

// Given is what the command line says about the configuration: texts by key, relative to the current folder.
type Given struct {
	File   string // path of the file; empty: not named
	Values map[string][]string
}

// Load builds the configuration from the defaults, the file, environment variables and flags, in this order. Notes are for the person at the
// terminal.
func Load(g Given, environ []string) (c Config, notes []string, err error) {
	cwd, err := os.Getwd()
	if err != nil {
		return c, nil, err
	}
	variables, notes := ourVariables(environ)
	name := g.File
	if v := variables["PIDLEDGER_CONFIG"]; name == "" && v != "" {
		name = v
	}
	named := name != ""
	if !named {
		name = Name
	}
	file := disk.Absolute(name, cwd)
	data, err := disk.ReadText(file)
	switch {
	case err == nil:
	case !named && errors.Is(err, fs.ErrNotExist):
		file = ""
	default:
		return c, nil, exit.Usagef("name the configuration file with --config", "read the configuration: %v", err)
	}
	base := cwd
	if file != "" {
		base = filepath.Dir(file)
	}
	if c, err = defaults(base); err != nil {
		return c, nil, err
	}
	c.Path = file
	if err := readYAML(name, base, data, &c); err != nil {
		return c, nil, err
	}
	if err := applyVariables(&c, variables, cwd); err != nil {
		return c, nil, err
	}
	for _, key := range keyNames() {
		if texts, ok := g.Values[key]; ok {
			if err := c.apply(key, texts, cwd); err != nil {
				return c, nil, withHint(err, "pidledger help config, for all keys and their values")
			}
		}
	}
	return c, notes, c.check()
}

// ourVariables picks the PIDLEDGER_* variables. One that is not a key causes a note but no error: platforms derive variables from the name of a
// service, such as PIDLEDGER_PORT.
func ourVariables(environ []string) (ours map[string]string, notes []string) {
	known := []string{"PIDLEDGER_CONFIG", WebhookVariable, PasswordVariable}
	for _, k := range keyNames() {
		known = append(known, variable(k))
	}
	ours = map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		switch {
		case !strings.HasPrefix(name, "PIDLEDGER_"):
		case slices.Contains(known, name):
			ours[name] = value
		default:
			if near := spelling.Nearest(name, known); near != "" {
				notes = append(notes, fmt.Sprintf("the environment variable %s is not a setting and was ignored; did you mean %s?", name, near))
			}
		}
	}
	slices.Sort(notes)
	return ours, notes
}

func applyVariables(c *Config, variables map[string]string, cwd string) error {
	for _, key := range keyNames() {
		text, ok := variables[variable(key)]
		if !ok {
			continue
		}
		texts := []string{text}
		if s := findSetting(key); s == nil || isList(s) {
			texts = splitList(text)
		}
		if err := c.apply(key, texts, cwd); err != nil {
			hint := "pidledger help config, for all keys and their values"
			return withHint(fmt.Errorf("environment variable %s: %w", variable(key), err), hint)
		}
	}
	return nil
}

func isList(s *setting) bool {
	_, ok := s.field(new(Config)).(*[]string)
	return ok
}

// splitList splits a comma-separated list; an empty text is an empty list.
func splitList(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// apply sets one key from texts.
func (c *Config) apply(key string, texts []string, base string) error {
	if key != "sources" {
		return findSetting(key).set(c, texts, base)
	}
	c.Sources = nil
	for _, t := range texts {
		path, err := sourcePath(t, base)
		if err != nil {
			return err
		}
		c.Sources = append(c.Sources, discover.Source{Path: path})
	}
	return nil
}

// withHint makes an error a usage error, and keeps a hint that it already has.
func withHint(err error, hint string) error {
	var own *exit.UsageError
	if errors.As(err, &own) && own.Hint != "" {
		hint = own.Hint
	}
	return &exit.UsageError{Msg: err.Error(), Hint: hint}
}

// check refuses settings that contradict each other.
func (c *Config) check() error {
	if disk.Within(c.Report.Dir, c.Ledger) || disk.Within(c.Ledger, c.Report.Dir) {
		return exit.Usagef("choose separate folders", "the ledger %s and the reports %s overlap", c.Ledger, c.Report.Dir)
	}
	for _, dir := range []string{c.Ledger, c.Report.Dir} {
		if c.Log.File != "" && disk.Within(c.Log.File, dir) {
			return exit.Usagef("put the log into a folder of its own", "the log %s lies in %s, which is for pidledger's own files only", c.Log.File, dir)
		}
	}
	if err := c.checkLog(); err != nil {
		return err
	}
	if err := cmp.Or(c.checkBlobs(), c.checkNotify()); err != nil {
		return err
	}
	for _, s := range c.Sources {
		if blob.IsLocation(s.Path) || strings.ContainsAny(s.Path, "*?[") {
			continue // what a pattern matches is known only later
		}
		for _, dir := range []string{c.Ledger, c.Report.Dir} {
			if disk.Within(dir, s.Path) || disk.Within(s.Path, dir) {
				return exit.Usagef("give exports, ledger and reports folders of their own",
					"the source %s and %s overlap: pidledger would read its own output", s.Path, dir)
			}
		}
	}
	return nil
}

// CheckCollect checks what pidledger collect needs.
func (c *Config) CheckCollect() error {
	if c.Collect.ManagementGroup != "" && len(c.Collect.Subscriptions) > 0 {
		return exit.Usagef("leave one of them out", "collect.management_group and collect.subscriptions are both set")
	}
	if to, err := blob.Parse(c.Collect.Dir); err == nil {
		if published, err := blob.Parse(c.Report.Publish); err == nil && (to.Within(published) || published.Within(to)) {
			return exit.Usagef("collect into a folder or container of its own, in a source", "collect.dir %s and report.publish %s overlap", to, published)
		}
		return CheckFile("azure.credentials", c.Azure.Credentials)
	}
	for _, dir := range []string{c.Ledger, c.Report.Dir} {
		if disk.Within(c.Collect.Dir, dir) || disk.Within(dir, c.Collect.Dir) {
			return exit.Usagef("collect into a folder of its own, in a source", "collect.dir %s and %s overlap", c.Collect.Dir, dir)
		}
	}
	return nil
}

// Reads tells whether a folder, of this machine or in Blob Storage, is in a source.
func (c *Config) Reads(dir string) bool {
	return slices.ContainsFunc(c.Sources, func(s discover.Source) bool {
		if blob.IsLocation(s.Path) || blob.IsLocation(dir) {
			from, err := blob.Parse(s.Path)
			at, err2 := blob.Parse(dir)
			return err == nil && err2 == nil && at.Within(from)
		}
		for at := dir; ; at = filepath.Dir(at) {
			if ok, err := filepath.Match(s.Path, at); ok && err == nil || disk.Within(at, s.Path) {
				return true
			}
			if at == filepath.Dir(at) {
				return false
			}
		}
	})
}

// HasBlobs tells whether a source is in Blob Storage.
func (c *Config) HasBlobs() bool {
	return slices.ContainsFunc(c.Sources, func(s discover.Source) bool { return blob.IsLocation(s.Path) })
}

// checkBlobs refuses a cache that overlaps another folder, and reports published into a source.
func (c *Config) checkBlobs() error {
	to, err := blob.Parse(c.Report.Publish)
	for _, s := range c.Sources {
		from, err2 := blob.Parse(s.Path)
		if err == nil && err2 == nil && (to.Within(from) || from.Within(to)) {
			return exit.Usagef("publish to a folder or container of its own",
				"the source %s and report.publish %s overlap: pidledger would read its own output", s.Path, c.Report.Publish)
		}
	}
	if !c.HasBlobs() {
		return nil
	}
	others := []string{c.Ledger, c.Report.Dir}
	for _, s := range c.Sources {
		if !blob.IsLocation(s.Path) && !strings.ContainsAny(s.Path, "*?[") {
			others = append(others, s.Path)
		}
	}
	for _, dir := range others {
		if disk.Within(dir, c.Cache.Dir) || disk.Within(c.Cache.Dir, dir) {
			return exit.Usagef("give the cache a folder of its own", "the cache %s and %s overlap", c.Cache.Dir, dir)
		}
	}
	return nil
}

// checkLog refuses a log that is an input: it would be appended to, and read.
func (c *Config) checkLog() error {
	log := c.Log.File
	if log == "" {
		return nil
	}
	const hint = "put the log into a folder of its own"
	for _, input := range [][2]string{
		{"the configuration", c.Path}, {"registry", c.Registry}, {"exclusions", c.Exclusions}, {"customers", c.Customers}, {"the folder of queries", c.Queries},
	} {
		if input[1] != "" && (disk.Within(log, input[1]) || disk.Same(log, input[1])) {
			return exit.Usagef(hint, "the log %s is also an input: %s %s", log, input[0], input[1])
		}
	}
	for _, s := range c.Sources {
		if blob.IsLocation(s.Path) {
			continue
		}
		paths := []string{s.Path}
		if strings.ContainsAny(s.Path, "*?[") {
			paths, _ = filepath.Glob(s.Path) // an invalid pattern was reported before
			for at := log; at != filepath.Dir(at); at = filepath.Dir(at) {
				if ok, err := filepath.Match(s.Path, at); ok && err == nil {
					paths = append(paths, at) // it does not exist yet
				}
			}
		}
		for _, path := range paths {
			if disk.Within(log, path) || disk.Same(log, path) {
				return exit.Usagef(hint, "the log %s lies in the source %s and would be read as an export", log, s.Path)
			}
		}
	}
	return nil
}

// checkInputs refuses to run without sources or without a file that the configuration names: a missing list of exclusions would show
// customers who opted out.
func (c *Config) CheckInputs() error {
	if len(c.Sources) == 0 {
		return exit.Usagef(cmp.Or(c.Above(), "pidledger init, to start; or --source exports, or `sources:` in "+Name), "no sources are configured")
	}
	return cmp.Or(CheckFile("azure.credentials", c.Azure.Credentials), CheckFile("registry", c.Registry), CheckFile("exclusions", c.Exclusions), CheckFile("customers", c.Customers))
}

func CheckFile(key, file string) error {
	if file == "" {
		return nil
	}
	err := source.CheckFile(file)
	hint := fmt.Sprintf("correct `%s:` or remove it from the configuration", key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if key == "registry" {
			hint = "correct `registry:`, or make the file: pidledger registry new --offers 'Contoso Edge' --channels marketplace,github --mpn 1234567"
		}
		return exit.Usagef(hint, "%s: there is no file %s", key, file)
	case err != nil:
		return exit.Usagef(hint, "%s: %v", key, err)
	}
	return nil
}

// checkLedger refuses to go on without a ledger: otherwise a misspelled path would look like an empty ledger.
func (c *Config) CheckLedger() error {
	if _, err := os.Stat(c.Ledger); errors.Is(err, fs.ErrNotExist) {
		return exit.Usagef(cmp.Or(c.Elsewhere(c.Ledger), "pidledger run, to create it, or name another with --ledger"), "there is no ledger at %s", c.Ledger)
	}
	return nil
}

// Above says where the configuration is when the current folder has none and lies in one that has; else it is empty.
func (c *Config) Above() string {
	cwd, err := os.Getwd()
	if c.Path != "" || err != nil {
		return ""
	}
	for up, dir := "..", filepath.Dir(cwd); ; up, dir = filepath.Join(up, ".."), filepath.Dir(dir) {
		if info, err := os.Stat(filepath.Join(dir, Name)); err == nil && info.Mode().IsRegular() {
			return fmt.Sprintf("cd %s, where %s is, or name it with --config", up, Name)
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// Elsewhere says what to do when a folder that nobody named is missing because the current folder is not the one with the configuration; else
// it is empty.
func (c *Config) Elsewhere(missing string) string {
	cwd, err := os.Getwd()
	if c.Path != "" || err != nil {
		return ""
	}
	if usual, err := defaults(cwd); err != nil || missing != usual.Ledger && missing != usual.Report.Dir {
		return ""
	}
	return cmp.Or(c.Above(), "cd to the folder of your "+Name+", or name it with --config; pidledger init, to start")
}

// CheckFolder refuses a folder for something else, such as a backup, that lies where a run would sweep it away or read it, or would be swept into.
func (c *Config) CheckFolder(what, dir string) error {
	hint := "give the " + what + " a folder of its own"
	for _, other := range []string{c.Ledger, c.Report.Dir} {
		if disk.Within(dir, other) || disk.Within(other, dir) {
			return exit.Usagef(hint, "the %s %s and %s overlap", what, dir, other)
		}
	}
	for _, s := range c.Sources {
		if !blob.IsLocation(s.Path) && !strings.ContainsAny(s.Path, "*?[") && disk.Within(dir, s.Path) {
			return exit.Usagef(hint, "the %s %s lies in the source %s and would be read as usage", what, dir, s.Path)
		}
	}
	return nil
}

// base is the folder to which the names of input files are relative: that of the configuration file, else the current one.
func (c Config) Base() string {
	if c.Path != "" {
		return filepath.Dir(c.Path)
	}
	return filepath.Dir(c.Ledger)
}

// readerOptions are the limits for reading a snapshot.
func (c Config) ReaderOptions() adhoc.Options {
	return adhoc.Options{Memory: c.Query.Memory, Spill: c.Query.Spill, Timeout: c.Query.Timeout, Threads: c.Limits.Threads}
}
