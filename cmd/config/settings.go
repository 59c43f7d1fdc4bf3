package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/collect"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/report/spec"
)

// Config is the configuration of a run: pidledger.yaml (SPEC 7) with PIDLEDGER_* variables and flags applied. Paths are absolute;
// an optional file that is not named is the empty text.
type Config struct {
	Path        string // of the configuration file; empty: there is none
	Ledger      string
	Registry    string
	Exclusions  string
	Customers   string
	Engine      string // of engines: what judges the usage of a run
	Targets     string
	Rates       string
	Queries     string // folder of named queries of one's own
	Sources     []discover.Source
	Attribution Attribution
	Report      Report
	Azure       Azure
	Collect     Collect
	Cache       Cache
	Limits      Limits
	Query       Query
	Log         Log
	Notify      Notify
	Metrics     Metrics
	Spark       Spark
	Template    Template
}

// Template says how templates are checked.
type Template struct {
	RulesOff []string // ids of rules that are off
}

// Attribution are the rules of SPEC 5 that can be chosen.
type Attribution struct {
	Owner                string // of owners
	Credit               string // of credits
	Retroactive          bool
	InheritChildren      bool
	InheritManagedGroups bool
	SharedCorrelation    string   // of sharedCorrelations
	SystemIDs            []string // tracking ids of tools besides the well-known ones, lower case, without `pid-`
}

// Report says which reports are written and where.
type Report struct {
	Dir             string
	Publish         string   `json:"-"` // location in Blob Storage; empty: none. Reports are the same wherever they go
	Formats         []string // of report.Formats
	AttributedUsage []string // of report.DetailFormats
	Focus           bool     // attributed usage as FOCUS, too
	CostBasis       string   // of costBases
	Snapshots       int      // how many snapshots for ad-hoc SQL are kept
	AlertShare      float64  // 0 to 1
}

// Azure says how to connect to Azure.
type Azure struct {
	Credentials string // file with connection strings and SAS URLs; empty: none
	Cloud       string // of collect.Clouds
}

// Collect says what pidledger collect gets from Azure.
type Collect struct {
	Dir             string
	Subscriptions   []string // ids; empty: all that can be seen
	ManagementGroup string   // with all below it; empty: none
}

// Cache is where downloaded blobs are kept.
type Cache struct {
	Dir string
	Max int64 // bytes
}

// Limits of a run.
type Limits struct {
	Memory         int64   // bytes
	Threads        int     // 0: all processors
	MaxRejectRatio float64 // 0 to 1
}

// The engines that judge the usage.
const (
	DuckDB  = "duckdb"
	OnSpark = "spark"
)

// Spark says where the cluster is and what it reads.
type Spark struct {
	Remote    string // of a Spark Connect server, sc://HOST:PORT; empty: there is none
	TokenFile string // empty: the server asks for no token
	Folder    string // of the lake of a run, as this machine sees it
	Lake      string // URI of the lake as the cluster sees it; empty: the path of its folder
}

// Query limits the resources of SQL that people run (query, sql, compare, explain).
type Query struct {
	Memory  int64         // bytes
	Spill   int64         // bytes on disk
	Timeout time.Duration // for one query; 0: none
}

// Log says where the structured log of a run goes.
type Log struct {
	File  string // absolute; empty: none is written
	Level string // of logLevels
}

// The values of enumerated settings, the default first. Help, validation and completion are made from them.
var (
	owners             = []string{"first", "last"}
	credits            = []string{"primary", "split", "full"}
	sharedCorrelations = []string{"per_request", "whole"}
	engines            = []string{DuckDB, OnSpark}
	costBases          = append([]string{"auto"}, discover.CostBases...)
	logLevels          = []string{"info", "debug", "warn", "error"}
)

// The least memory for the engine: in a run, and in a query.
const (
	minMemory      = 1_000_000_000
	minQueryMemory = 200_000_000
)

// minCache is the smallest cache for blobs.
const minCache = 100_000_000

// setting is one key of the configuration.
type setting struct {
	key      string // in YAML, sections before a dot
	standard string // the default, as it would be written in a variable
	meaning  string
	values   []string // of an enumerated setting or of the members of a list; nil: free
	least    int64    // of a size
	names    bool     // its value names customers
	field    func(*Config) any
	check    func(text string) (string, error) // checks and normalises a text or a member of a list; may be nil
}

// path marks a setting that is a path.
type path string

// size marks a setting that is a number of bytes.
type size int64

// location marks a setting that is a location in Blob Storage.
type location string

// place marks a setting that is a path, or a location in Blob Storage.
type place string

// settings is the one list of keys, in the order of the documentation. `sources` is beside it, because it is not a plain value.
var settings = []setting{
	{key: "ledger", standard: "ledger", meaning: "folder of the ledger; made when it is not there", field: func(c *Config) any { return (*path)(&c.Ledger) }},
	{key: "registry", meaning: "file with the registered tracking ids (CSV, JSON, YAML, Parquet)", field: func(c *Config) any { return (*path)(&c.Registry) }},
	{key: "exclusions", meaning: "file with the customers who opted out (CSV)", field: func(c *Config) any { return (*path)(&c.Exclusions) }},
	{key: "customers", meaning: "file with tenants and names of subscriptions, for what exports lack (CSV)", field: func(c *Config) any { return (*path)(&c.Customers) }},
	{key: "targets", meaning: "file with what you aim at (CSV: month,offer,channel,currency,amount), to be compared with what came", field: func(c *Config) any { return (*path)(&c.Targets) }},
	{key: "rates", meaning: "file with exchange rates (CSV: month,currency,rate), for one total in summary, page and workbook that is an indication only",
		field: func(c *Config) any { return (*path)(&c.Rates) }},
	{key: "attribution.owner", standard: owners[0], values: owners, meaning: "whose a resource is: the id of its first write, or of its latest registered one",
		field: func(c *Config) any { return &c.Attribution.Owner }},
	{key: "attribution.credit", standard: credits[0], values: credits, meaning: "several ids on one request: the primary gets all, they share, or each gets all",
		field: func(c *Config) any { return &c.Attribution.Credit }},
	{key: "attribution.retroactive", standard: "false", meaning: "count requests that are older than the registration of their id",
		field: func(c *Config) any { return &c.Attribution.Retroactive }},
	{key: "attribution.inherit_children", standard: "true", meaning: "a child resource without writes of its own is its parent's owner's",
		field: func(c *Config) any { return &c.Attribution.InheritChildren }},
	{key: "attribution.inherit_managed_groups", standard: "false", meaning: "what lies in a managed resource group is the managing resource's owner's",
		field: func(c *Config) any { return &c.Attribution.InheritManagedGroups }},
	{key: "attribution.shared_correlation", standard: sharedCorrelations[0], values: sharedCorrelations,
		meaning: "what a User-Agent id tags when requests share a correlation id: each request by itself, or all",
		field:   func(c *Config) any { return &c.Attribution.SharedCorrelation }},
	{key: "attribution.system_ids", meaning: "further tracking ids that tools send by themselves, besides the well-known ones", check: checkTrackingID,
		field: func(c *Config) any { return &c.Attribution.SystemIDs }},
	{key: "report.dir", standard: "reports", meaning: "folder of the reports; replaced as a whole", field: func(c *Config) any { return (*path)(&c.Report.Dir) }},
	{key: "report.snapshots", standard: "3", meaning: "how many snapshots for ad-hoc SQL stay, the newest included",
		field: func(c *Config) any { return &c.Report.Snapshots }},
	{key: "report.alert_share", standard: "0.1", meaning: "by how much the attributed part of the usage must move from month to month to be worth a look",
		field: func(c *Config) any { return &c.Report.AlertShare }},
	{key: "report.formats", standard: "csv,parquet", values: spec.Formats, meaning: "formats of the reports; html: one page for people, xlsx: one workbook",
		field: func(c *Config) any { return &c.Report.Formats }},
	{key: "report.attributed_usage", standard: spec.Parquet, values: spec.DetailFormats, meaning: "formats of the detailed report attributed_usage, which can be large",
		field: func(c *Config) any { return &c.Report.AttributedUsage }},
	{key: "report.focus", standard: "false", meaning: "publish attributed usage as FOCUS 1.2 Parquet, too, for FinOps hubs, Power BI and Fabric",
		field: func(c *Config) any { return &c.Report.Focus }},
	{key: "report.cost_basis", standard: costBases[0], values: costBases, meaning: "which costs count where several are delivered; auto: the first of the others that there is",
		field: func(c *Config) any { return &c.Report.CostBasis }},
	{key: "report.publish", meaning: "container or folder in Blob Storage that reports and snapshot are published to, such as az://account/container/folder",
		field: func(c *Config) any { return (*location)(&c.Report.Publish) }},
	{key: "azure.credentials", meaning: "file with connection strings or SAS URLs for Blob Storage, one a line; else the environment and the identity of this process decide",
		field: func(c *Config) any { return (*path)(&c.Azure.Credentials) }},
	{key: "azure.cloud", standard: collect.Clouds[0], values: collect.Clouds, meaning: "cloud that pidledger collect asks",
		field: func(c *Config) any { return &c.Azure.Cloud }},
	{key: "collect.dir", standard: "exports/collected", meaning: "folder or az://account/container/folder for what pidledger collect gets from Azure; it has to be in a source",
		field: func(c *Config) any { return (*place)(&c.Collect.Dir) }},
	{key: "collect.subscriptions", names: true, meaning: "subscriptions that pidledger collect asks about; without them: all that it sees", check: checkGUID,
		field: func(c *Config) any { return &c.Collect.Subscriptions }},
	{key: "collect.management_group", names: true, meaning: "management group in whose place: it, and all below it", check: checkManagementGroup,
		field: func(c *Config) any { return &c.Collect.ManagementGroup }},
	{key: "cache.dir", standard: "cache", meaning: "folder for blobs that were fetched; made when a source is in Blob Storage", field: func(c *Config) any { return (*path)(&c.Cache.Dir) }},
	{key: "cache.max", standard: "10GB", least: minCache, meaning: "what the cache may take, at least 100MB", field: func(c *Config) any { return (*size)(&c.Cache.Max) }},
	{key: "queries", meaning: "folder with named queries of your own, NAME.sql, for pidledger query", field: func(c *Config) any { return (*path)(&c.Queries) }},
	{key: "limits.memory", standard: "4GB", least: minMemory, meaning: "memory of the engine, at least 1GB", field: func(c *Config) any { return (*size)(&c.Limits.Memory) }},
	{key: "limits.threads", standard: "0", meaning: "threads of the engine; 0: one per processor", field: func(c *Config) any { return &c.Limits.Threads }},
	{key: "limits.max_reject_ratio", standard: "0.01", meaning: "a file with a larger part of rejected rows fails as a whole",
		field: func(c *Config) any { return &c.Limits.MaxRejectRatio }},
	{key: "query.memory", standard: "4GB", least: minQueryMemory, meaning: "memory of query, sql, compare and explain, at least 200MB",
		field: func(c *Config) any { return (*size)(&c.Query.Memory) }},
	{key: "query.spill", standard: "20GB", meaning: "what a query may write to the temporary folder when its memory does not suffice",
		field: func(c *Config) any { return (*size)(&c.Query.Spill) }},
	{key: "query.timeout", standard: "30m", meaning: "how long one query may take, such as 90s or 2h; 0: as long as it likes",
		field: func(c *Config) any { return &c.Query.Timeout }},
	{key: "engine", standard: engines[0], values: engines, meaning: "what judges the usage in run and report: duckdb on this machine, or spark, the server of spark.remote",
		field: func(c *Config) any { return &c.Engine }},
	{key: "spark.remote", meaning: "Spark Connect server of engine: spark and of pidledger spark run, sc://HOST:15002; with /;use_ssl=true over TLS", field: func(c *Config) any { return &c.Spark.Remote }},
	{key: "spark.token_file", meaning: "file with the token of that server; it is sent over TLS only, but to this machine itself", field: func(c *Config) any { return (*path)(&c.Spark.TokenFile) }},
	{key: "spark.folder", meaning: "folder of the lake as this machine sees it, for engine: spark; made when it is not there", field: func(c *Config) any { return (*path)(&c.Spark.Folder) }},
	{key: "spark.lake", meaning: "URI of the lake as Spark sees it, such as abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER; without it: its path here",
		field: func(c *Config) any { return &c.Spark.Lake }},
	{key: "template.rules_off", meaning: "rules of template check that stay silent, such as L22", check: checkRule,
		field: func(c *Config) any { return &c.Template.RulesOff }},
	{key: "notify.on", standard: strings.Join(outcomes, ","), values: outcomes, meaning: "how a night has to end for somebody to be told; warning: it worked, but something needs a look",
		field: func(c *Config) any { return &c.Notify.On }},
	{key: "notify.webhook_file", meaning: "file with the URL of a webhook; else the environment variable " + WebhookVariable + " may hold it", field: func(c *Config) any { return (*path)(&c.Notify.WebhookFile) }},
	{key: "notify.webhook_format", standard: webhookFormats[0], values: webhookFormats, meaning: "what the webhook understands", field: func(c *Config) any { return &c.Notify.WebhookFormat }},
	{key: "notify.page", meaning: "address of the page of reports where those who are told can open it", check: checkPage, field: func(c *Config) any { return &c.Notify.Page }},
	{key: "notify.smtp", meaning: "mail server, HOST:PORT; by TLS, except to this machine", check: checkHostPort, field: func(c *Config) any { return &c.Notify.SMTP }},
	{key: "notify.smtp_user", meaning: "user name at that server; without it, mail is sent without logging in", field: func(c *Config) any { return &c.Notify.User }},
	{key: "notify.smtp_password_file", meaning: "file with the password; else the environment variable " + PasswordVariable + " holds it", field: func(c *Config) any { return (*path)(&c.Notify.PasswordFile) }},
	{key: "notify.mail_from", meaning: "address that mails come from", check: checkMail, field: func(c *Config) any { return &c.Notify.From }},
	{key: "notify.mail_to", meaning: "addresses that mails go to", check: checkMail, field: func(c *Config) any { return &c.Notify.To }},
	{key: "metrics.file", meaning: "file that a night writes metrics to, for the textfile collector of Prometheus' node exporter; NAME.prom", field: func(c *Config) any { return (*path)(&c.Metrics.File) }},
	{key: "metrics.money", standard: "false", meaning: "metrics hold effective cost by offer and channel, too", field: func(c *Config) any { return &c.Metrics.Money }},
	{key: "log.file", meaning: "file that run, ingest, report and ledger append a structured log to (JSON lines)", field: func(c *Config) any { return (*path)(&c.Log.File) }},
	{key: "log.level", standard: logLevels[0], values: logLevels, meaning: "least level of what is logged; debug shows values of rejected rows and ids of customers",
		field: func(c *Config) any { return &c.Log.Level }},
}

// sourceKeys are the keys of a member of `sources`.
var sourceKeys = []string{"path", "format", "columns", "subscription", "cost_basis"}

// variable is the environment variable of a key.
func variable(key string) string {
	return "PIDLEDGER_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// keyNames lists every key, `sources` too.
func keyNames() []string {
	all := []string{"sources"}
	for _, s := range settings {
		all = append(all, s.key)
	}
	return all
}

// Key is a key of the configuration, for people.
type Key struct {
	Name    string
	Default string // empty: none; several have commas between
	Meaning string
	List    bool // it can have several values
}

// Keys describes every key, in the order of the documentation.
func Keys() []Key {
	all := []Key{{Name: "sources", Meaning: "where export files are: a list of path (file, folder, glob pattern, or az://account/container/folder) and, if wanted, format (" +
		strings.Join(discover.SourceFormats, ", ") + "), columns (" + strings.Join(discover.RequestColumns, ", ") + "), subscription, cost_basis (" +
		strings.Join(discover.CostBases, ", ") + ")"}}
	for _, s := range settings {
		meaning := s.meaning
		if s.values != nil {
			meaning += "; one of " + strings.Join(s.values, ", ")
		}
		all = append(all, Key{s.key, s.standard, meaning, isList(&s)})
	}
	return all
}

// Value is the value of one key.
type Value struct {
	Key    string
	Value  any  // string, bool, int, int64 (bytes), float64 or []string
	IsPath bool // absolute, or empty; or a location in Blob Storage
	Names  bool // it names customers
}

// Values are the values of all keys but sources.
func (c *Config) Values() []Value {
	var all []Value
	for _, s := range settings {
		v := Value{Key: s.key, Names: s.names}
		switch field := s.field(c).(type) {
		case *path:
			v.Value, v.IsPath = string(*field), true
		case *location:
			v.Value, v.IsPath = string(*field), true
		case *place:
			v.Value, v.IsPath = string(*field), true
		case *string:
			v.Value = *field
		case *bool:
			v.Value = *field
		case *int:
			v.Value = *field
		case *float64:
			v.Value = *field
		case *size:
			v.Value = int64(*field)
		case *time.Duration:
			v.Value = field.String()
		case *[]string:
			v.Value = *field
		}
		all = append(all, v)
	}
	return all
}

func findSetting(key string) *setting {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.key == key })
	if i < 0 {
		return nil
	}
	return &settings[i]
}

func (s *setting) setPath(field *path, text, base string) error {
	*field = ""
	if blob.IsLocation(text) {
		return fmt.Errorf("%s is on this machine, not in Blob Storage", s.key)
	}
	if text != "" {
		*field = path(disk.Absolute(text, base))
	} else if s.standard != "" {
		return fmt.Errorf("%s must not be empty", s.key)
	}
	return nil
}

func (s *setting) setLocation(field *location, text string) error {
	*field = ""
	if text == "" {
		return nil
	}
	at, err := blob.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", s.key, err)
	}
	*field = location(at.String())
	return nil
}

// set gives the setting a value. A list has several texts, anything else one. Relative paths are relative to base.
func (s *setting) set(c *Config, texts []string, base string) error {
	field := s.field(c)
	if list, ok := field.(*[]string); ok {
		return s.setList(list, texts)
	}
	if len(texts) != 1 {
		return fmt.Errorf("%s takes one value, not a list", s.key)
	}
	text := strings.TrimSpace(texts[0])
	switch field := field.(type) {
	case *path:
		return s.setPath(field, text, base)
	case *place:
		if !blob.IsLocation(text) {
			return s.setPath((*path)(field), text, base)
		}
		return s.setLocation((*location)(field), text)
	case *location:
		return s.setLocation(field, text)
	case *string:
		v, err := s.word(text)
		if err != nil {
			return err
		}
		*field = v
	case *bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%s is true or false, not %q", s.key, text)
		}
		*field = v
	case *int:
		v, err := strconv.Atoi(text)
		if err != nil || v < 0 || v > 4096 {
			return fmt.Errorf("%s is a whole number from 0 to 4096, not %q", s.key, text)
		}
		*field = v
	case *float64:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(v) || v < 0 || v > 1 {
			return fmt.Errorf("%s is a number from 0 to 1, not %q", s.key, text)
		}
		*field = v
	case *size:
		v, err := parseSize(text)
		if err != nil {
			return fmt.Errorf("%s: %w", s.key, err)
		}
		if v < s.least {
			return fmt.Errorf("%s is at least %s, not %s", s.key, sizeText(s.least), text)
		}
		*field = size(v)
	case *time.Duration:
		v, err := time.ParseDuration(text)
		if err != nil || v < 0 {
			return fmt.Errorf("%s is a time with its unit, such as 90s, 30m or 2h, not %q", s.key, text)
		}
		*field = v
	default:
		return fmt.Errorf("%s cannot be set", s.key)
	}
	return nil
}

func (s *setting) setList(list *[]string, texts []string) error {
	out := []string{}
	for _, t := range texts {
		v, err := s.word(strings.TrimSpace(t))
		if err != nil {
			return err
		}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	if s.values != nil && len(out) == 0 {
		return fmt.Errorf("%s needs at least one of %s", s.key, strings.Join(s.values, ", "))
	}
	*list = out
	return nil
}

// word checks a text against the values of the setting.
func (s *setting) word(text string) (string, error) {
	if s.values != nil {
		return OneOf(s.key, text, s.values)
	}
	if s.check != nil {
		v, err := s.check(text)
		if err != nil {
			return "", fmt.Errorf("%s: %w", s.key, err)
		}
		return v, nil
	}
	return text, nil
}

// defaults gives the configuration without a file, variables or flags.
func defaults(base string) (Config, error) {
	var c Config
	for _, s := range settings {
		if s.standard == "" {
			continue
		}
		if err := s.set(&c, strings.Split(s.standard, ","), base); err != nil {
			return c, err
		}
	}
	return c, nil
}
