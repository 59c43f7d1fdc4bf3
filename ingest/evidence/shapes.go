package evidence

import (
	"fmt"
	"strings"
	"sync"

	"github.com/valyala/fastjson"
)

// Form says in which kind of file a shape is found.
type Form int

// Forms. A shape of JSONForm may also come as rows of a query result table.
const (
	JSONForm Form = 1 << iota
	CSVForm
	TextForm
	MappedForm // only with Options.Columns
)

// Shape is one known shape of records.
type Shape struct {
	Name  string
	Title string // what writes it
	Forms Form   // where it is found

	// Ordered tells that a request and its answer are records of their own: the records of a file must go through one Parser in
	// their order.
	Ordered bool
}

// rule is a shape as the parser uses it. Members are names at the top level of a record.
type rule struct {
	Shape
	family string
	all    []string // members that must be there
	any    []string // one of them must be there, when there are any
	none   []string // members that must not be there
	check  func(p *Parser) bool
	parse  func(p *Parser, r *rule) kind
	reason string

	// emitter tells that ids at the top level are those of the service that writes the log, not of Azure Resource Manager.
	emitter bool

	fam                     *family
	allNodes, anyNodes, not []int32
}

// Names that only a User-Agent has, in flat request logs, and other names of such logs.
var (
	agentNames = []string{
		"userAgent", "http_user_agent", "userAgentHeader", "userAgent_s", "userAgentHeader_s", "clientInfo_s", "ClientInfo", "csUserAgent",
		"cs(User-Agent)",
	}
	headerMaps  = []string{"requestHeaders", "backendRequestHeaders", "headers"}
	methodNames = []string{"method", "httpMethod", "http_method", "requestMethod", "httpMethod_s", "requestMethod_s", "method_s", "csMethod", "verb"}
	targetNames = []string{"url", "uri", "requestUri", "requestUrl", "request_uri", "resourceId", "path", "backendUrl", "csUriStem"}
	eventTimes  = []string{"eventTimestamp", "TimeGenerated"}
)

// shapeRules is the ordered registry. The order is that of the reference (6.1); since shapes exclude each other it decides nothing
// but the time it takes.
func shapeRules() []rule {
	shape := func(name, title string, forms Form) Shape { return Shape{Name: name, Title: title, Forms: forms} }
	ordered := func(s Shape) Shape { s.Ordered = true; return s }
	return []rule{
		{
			Shape: shape("operation.rest", "deployment operations, REST list", JSONForm), family: "operation",
			all: []string{"id", "properties"}, none: []string{"resourceGroup"}, check: (*Parser).isOperation, parse: (*Parser).operation,
			reason: "properties.provisioningOperation, or an id .../deployments/x/operations/y",
		},
		{
			Shape: shape("operation.az", "deployment operations, az deployment operation list", JSONForm), family: "operation",
			all: []string{"id", "properties", "resourceGroup"}, check: (*Parser).isOperation, parse: (*Parser).operation,
			reason: "as operation.rest, with the resourceGroup that az adds",
		},
		{
			Shape: shape("operation.ps", "deployment operations, PowerShell", JSONForm|CSVForm), family: "operation",
			all: []string{"operationId", "targetResource"}, none: []string{"properties"}, parse: (*Parser).operation,
			reason: "OperationId and TargetResource",
		},
		{
			Shape: shape("deployment.rest", "deployments, REST list or object", JSONForm), family: "deployment",
			all: []string{"id", "properties"}, check: (*Parser).isRESTDeployment, parse: (*Parser).deployment,
			reason: "properties.correlationId and provisioningState, and an id .../deployments/x",
		},
		{
			Shape: shape("deployment.az", "deployments, az deployment list, show or create", JSONForm), family: "deployment",
			all: []string{"id", "properties"}, check: (*Parser).isAzDeployment, parse: (*Parser).deployment,
			reason: "as deployment.rest, with the resourceGroup or the times that az writes",
		},
		{
			Shape: shape("deployment.ps", "deployments, PowerShell", JSONForm|CSVForm), family: "deployment",
			all: []string{"deploymentName", "correlationId"}, none: []string{"properties"}, parse: (*Parser).deployment,
			reason: "DeploymentName and CorrelationId",
		},
		{
			Shape: shape("deployment.whatif", "result of a what-if", JSONForm), family: "deployment",
			all: []string{"status"}, none: []string{"correlationId", "eventTimestamp"}, check: (*Parser).isWhatIf, parse: (*Parser).whatIf,
			reason: "status and a list of changes with changeType and resourceId",
		},
		{
			Shape: shape("change", "resource changes, Resource Graph", JSONForm|CSVForm), family: "change",
			any: []string{"changeType", "properties", "properties_changeType"}, none: []string{"eventTimestamp", "operationName", "status"},
			check: (*Parser).isChange, parse: (*Parser).change,
			reason: "changeType and targetResourceId",
		},
		{
			Shape: shape("activity.rest", "activity log, REST, az CLI, PowerShell or portal event", JSONForm), family: "activity",
			any: []string{"operationName", "operationNameValue"}, none: []string{"time", "timeStamp", "TimeGenerated"}, check: (*Parser).isRESTEvent, parse: (*Parser).activity,
			reason: "eventTimestamp and operationName, or operationName and an id .../events/<guid>/ticks/<ticks>",
		},
		{
			Shape: shape("activity.pysdk", "activity log, Python SDK", JSONForm), family: "activity",
			all: []string{"eventTimestamp", "operationName"}, check: (*Parser).isSnake, parse: (*Parser).activity,
			reason: "event_timestamp and operation_name",
		},
		{
			Shape: shape("activity.loganalytics", "AzureActivity, Log Analytics query, CSV or data export", JSONForm|CSVForm), family: "loganalytics",
			any: []string{"OperationNameValue", "ActivityStatus", "ActivityStatusValue"}, none: []string{"eventTimestamp"}, parse: (*Parser).activity,
			reason: "OperationNameValue or ActivityStatus",
		},
		{
			Shape: shape("activity.portalcsv", "activity log, CSV of the portal", CSVForm), family: "portal",
			all: []string{"Correlation id", "Event initiated by"}, parse: (*Parser).activity,
			reason: `"Correlation id" and "Event initiated by"`,
		},
		{
			Shape: shape("activity.resourcelog", "activity log, diagnostic setting or log profile: storage or Event Hub", JSONForm), family: "resourcelog",
			all: []string{"time", "category"}, none: eventTimes, check: (*Parser).isActivityCategory, parse: (*Parser).activity,
			reason: "time, and a category of the activity log",
		},
		{
			Shape: shape("resourcelog.other", "resource logs of other categories, for their User-Agent", JSONForm), family: "request", emitter: true,
			all: []string{"category"}, any: []string{"time", "timeStamp"}, none: eventTimes, check: (*Parser).isOtherCategory, parse: (*Parser).otherLog,
			reason: "time or timeStamp, and a category that is not one of the activity log",
		},
		{
			Shape: shape("ua.recording", "HTTP recording, networkCallRecords", JSONForm), family: "request",
			all: []string{"method", "uri", "headers", "response"}, none: []string{"category", "request"}, parse: (*Parser).request,
			reason: "Method, Uri, Headers and Response",
		},
		{
			Shape: shape("ua.testproxy", "HTTP recording, test proxy entries", JSONForm), family: "request",
			all: []string{"requestUri", "requestMethod", "requestHeaders"}, none: []string{"category", "request"}, parse: (*Parser).request,
			reason: "RequestUri, RequestMethod and RequestHeaders",
		},
		{
			Shape: shape("ua.har", "HTTP archive (HAR)", JSONForm), family: "request",
			all: []string{"startedDateTime", "request"}, none: []string{"category"}, parse: (*Parser).request,
			reason: "startedDateTime and request",
		},
		{
			Shape: shape("ua.vcr", "HTTP recording, VCR http_interactions", JSONForm), family: "request",
			all: []string{"request"}, none: []string{"category", "startedDateTime"}, check: (*Parser).isVCR, parse: (*Parser).request,
			reason: "request with method and uri",
		},
		{
			Shape: shape("ua.http", "request log with request and response objects; azapi live traffic", JSONForm), family: "request",
			all: []string{"request"}, none: []string{"category", "startedDateTime"}, check: (*Parser).isHTTPExchange, parse: (*Parser).request,
			reason: "request with method and url",
		},
		{
			Shape: ordered(shape("ua.tfjson", "Terraform log, TF_LOG=JSON", JSONForm)), family: "request",
			all: []string{"@message"}, none: []string{"category"}, parse: (*Parser).logMessage,
			reason: "@message",
		},
		{
			Shape: shape("ua.loganalytics", "request logs in Log Analytics tables", JSONForm|CSVForm), family: "request", emitter: true,
			all: []string{"TimeGenerated"}, any: append(append([]string{}, agentNames...), headerMaps...), none: []string{"eventTimestamp", "OperationNameValue", "ActivityStatus", "ActivityStatusValue"},
			parse:  (*Parser).request,
			reason: "TimeGenerated and a column with a User-Agent",
		},
		{
			Shape: shape("ua.jsonl", "plain request log, JSON lines or CSV", JSONForm|CSVForm), family: "request",
			none: append([]string{"category", "@message", "startedDateTime", "Event initiated by"}, eventTimes...), check: (*Parser).isPlainRequest, parse: (*Parser).request,
			reason: "method and url or resourceId, or a User-Agent",
		},
		{
			Shape: shape("ua.mapped", "request log with a column mapping in the config", MappedForm), family: mappedFamily, parse: (*Parser).request,
			reason: "columns in the config",
		},
		{Shape: ordered(shape("ua.tflog", "Terraform log, TF_LOG", TextForm)), reason: "AzureRM Request and AzureRM Response"},
		{Shape: ordered(shape("ua.azdebug", "az --debug", TextForm)), reason: "lines of cli.azure.cli.core.sdk.policies"},
		{Shape: ordered(shape("ua.psdebug", "Azure PowerShell -Debug", TextForm)), reason: "HTTP REQUEST and HTTP RESPONSE sections"},
		{Shape: ordered(shape("ua.trace", "HTTP trace in a text or Markdown file", TextForm)), reason: "request lines with headers"},
		{Shape: shape("ua.livetraffic", "azapi live traffic in a text log", TextForm), reason: "Live traffic: {...}"},
		{Shape: shape("ua.nginx", "access log in the combined format", TextForm), reason: "combined log lines"},
		{Shape: shape("ua.text", "text log with a User-Agent in its lines", TextForm), reason: "user-agent in lines with a method and a URL"},
	}
}

// compile resolves names to nodes.
func (s *schema) compile(rules []rule) []rule {
	nodes := func(names []string) []int32 {
		var out []int32
		for _, n := range names {
			out = append(out, s.child(0, n))
		}
		return out
	}
	for i := range rules {
		r := &rules[i]
		r.allNodes, r.anyNodes, r.not = nodes(r.all), nodes(r.any), nodes(r.none)
		if r.fam = s.families[r.family]; r.fam == nil {
			r.fam = &family{name: r.family}
			s.families[r.family] = r.fam
		}
	}
	for _, path := range checkedPaths {
		n := int32(0)
		for _, segment := range strings.Split(path, ">") {
			n = s.child(n, segment)
		}
	}
	return rules
}

func (s *schema) rule(name string) *rule {
	for i := range s.rules {
		if s.rules[i].Name == name {
			return &s.rules[i]
		}
	}
	return nil
}

// matches tells whether the loaded record has the shape.
func (r *rule) matches(p *Parser) bool {
	if r.parse == nil || len(r.allNodes)+len(r.anyNodes) == 0 && r.check == nil {
		return false
	}
	for _, n := range r.allNodes {
		if !p.rec.has(n) {
			return false
		}
	}
	for _, n := range r.not {
		if p.rec.has(n) {
			return false
		}
	}
	if len(r.anyNodes) > 0 {
		found := false
		for _, n := range r.anyNodes {
			found = found || p.rec.has(n)
		}
		if !found {
			return false
		}
	}
	return r.check == nil || r.check(p)
}

// classify finds the shape of the loaded record.
func (p *Parser) classify() *rule {
	if p.mapped != nil {
		return p.mapped
	}
	if p.last != nil && p.last.matches(p) {
		return p.last
	}
	for i := range p.s.rules {
		if r := &p.s.rules[i]; r.Forms&JSONForm != 0 && r.matches(p) {
			p.last = r
			return r
		}
	}
	return nil
}

// matchers are spare parsers that keep nothing.
var matchers = sync.Pool{New: func() any {
	p, err := NewParser(Options{})
	if err != nil {
		panic(err) // without columns there is no error
	}
	return p
}}

// Shapes returns the ordered registry.
func Shapes() []Shape {
	rules := shared().rules
	shapes := make([]Shape, len(rules))
	for i := range rules {
		shapes[i] = rules[i].Shape
	}
	return shapes
}

// DetectJSON finds the shape of a JSON record by its members; the container that it came from plays no part.
func DetectJSON(v *fastjson.Value) (shape, reason string, ok bool) {
	if v.Type() != fastjson.TypeObject {
		return "", "", false
	}
	p := matchers.Get().(*Parser)
	defer matchers.Put(p)
	p.rec.load(v)
	p.last = nil
	if r := p.classify(); r != nil {
		return r.Name, r.reason, true
	}
	return "", "", false
}

// DetectHeader finds the shape of a CSV file by its header.
func DetectHeader(header []string) (shape, reason string, ok bool) {
	p := matchers.Get().(*Parser)
	defer matchers.Put(p)
	if r := p.headerRule(header); r != nil {
		return r.Name, fmt.Sprintf("columns %s", r.reason), true
	}
	return "", "", false
}
