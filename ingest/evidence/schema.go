package evidence

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/ingest/evidence/words"
	"github.com/pidledger/pidledger/queries/facts"
)

// fieldsCSV says where each export keeps a fact.
//
//go:embed fields.csv
var fieldsCSV string

// fieldID names a fact that a record may hold.
type fieldID int

const (
	fID fieldID = iota
	fName
	fState
	fMode
	fEventTS
	fEndTS
	fSubmitTS
	fDuration
	fTemplateHash
	fTemplateLink
	fErrorCode
	fProvOp
	fStatusCode
	fTargetID
	fTargetType
	fTargetName
	fTrackingID
	fEventID
	fEventRef
	fCorrelationID
	fReqCorrelationID
	fRespCorrelationID
	fOperationID
	fPhase
	fOperation
	fLabel
	fAction
	fCategory
	fStatus
	fSubStatus
	fSubStatusLabel
	fSignature
	fHTTPCode
	fResourceID
	fResourceType
	fSubscriptionID
	fResourceGroup
	fCaller
	fClientType
	fClientRequestID
	fServiceRequestID
	fMethod
	fURL
	fRequestLine
	fUserAgent
	fTenantID
	fHierarchy
	fRequestBody
	fResponseBody
	fChangeType
	fMessage
	fieldCount
)

// fieldNames are the names in fields.csv, in the order of the constants.
var fieldNames = [fieldCount]string{
	"id", "name", "state", "mode", "event_ts", "end_ts", "submit_ts", "duration", "template_hash", "template_link", "error_code",
	"prov_op", "status_code", "target_id", "target_type", "target_name", "tracking_id", "event_id", "event_ref", "correlation_id",
	"req_correlation_id", "resp_correlation_id", "operation_id", "phase", "operation", "label", "action", "category", "status",
	"sub_status", "sub_status_label", "signature", "http_code", "resource_id", "resource_type", "subscription_id", "resource_group",
	"caller", "client_type", "client_request_id", "service_request_id", "method", "url", "request_line", "user_agent", "tenant_id",
	"hierarchy", "request_body", "response_body", "change_type", "message",
}

// schema is what the data files say, compiled: a tree of all member names that matter, and for each family of exports the places
// of each fact, the preferred one first. It is never changed once built.
type schema struct {
	nodes    []node
	families map[string]*family
	rules    []rule
	vocab    *words.Vocabulary
	labels   []words.Label

	eventTimestamp int32 // node that the spelling of names is judged by
	category, time int32 // nodes that tell resource logs apart
	resourceLog    *family
}

// node is one member name below its parent; node 0 is the record itself.
type node struct {
	parent   int32
	name     string
	children map[string]int32 // by canonical name
}

type family struct {
	name   string
	fields [fieldCount][]factPath
}

// factPath is where a fact may stand: a member, or one header of a map of headers.
type factPath struct {
	node   int32
	header string // lower case; empty: the member itself
	path   string // for messages
}

// canonicalName makes the spellings of one member name equal: case, blanks, dashes and underscores inside (snake_case), and the
// " [UTC]" of portal exports. A leading underscore stays: Log Analytics has both ResourceId and _ResourceId.
func canonicalName(name string) string {
	name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
	if i := strings.LastIndex(name, " ["); i > 0 && strings.HasSuffix(name, "]") {
		name = name[:i]
	}
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == ' ' || c == '-' || c == '_' && i > 0:
		case 'A' <= c && c <= 'Z':
			out = append(out, c|0x20)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// shared is the schema of all parsers that have no column mapping of their own.
var shared = sync.OnceValue(newSchema)

func newSchema() *schema {
	s := &schema{nodes: []node{{children: map[string]int32{}}}, families: map[string]*family{}}
	names := make(map[string]fieldID, fieldCount)
	for i, n := range fieldNames {
		names[n] = fieldID(i)
	}
	facts.Each("fields.csv", fieldsCSV, func(r []string) error {
		id, ok := names[r[1]]
		if !ok {
			return fmt.Errorf("field %q is not known", r[1])
		}
		s.add(r[0], id, r[2])
		return nil
	})
	s.vocab, s.labels = words.Read(), words.Labels()
	s.eventTimestamp, s.category, s.time = s.child(0, "eventTimestamp"), s.child(0, "category"), s.child(0, "time")
	s.resourceLog = s.families["resourcelog"]
	s.rules = s.compile(shapeRules())
	return s
}

// withColumns returns a schema that knows the family of a configured request log (SPEC 2, "columns").
func withColumns(columns map[string]string) *schema {
	s := newSchema()
	for name, id := range columnFields {
		if path := columns[name]; path != "" {
			s.add(mappedFamily, id, path)
		}
	}
	return s
}

// add enters a place into the tree. Path segments are separated by ">"; "[Name]" at the end is a header.
func (s *schema) add(fam string, id fieldID, path string) {
	f := s.families[fam]
	if f == nil {
		f = &family{name: fam}
		s.families[fam] = f
	}
	p := factPath{path: strings.ReplaceAll(path, ">", ".")}
	if i := strings.IndexByte(path, '['); i > 0 && strings.HasSuffix(path, "]") && path[i-1] != ' ' {
		p.header = strings.ToLower(path[i+1 : len(path)-1])
		path = path[:i]
	}
	for _, segment := range strings.Split(path, ">") {
		p.node = s.child(p.node, segment)
	}
	f.fields[id] = append(f.fields[id], p)
}

func (s *schema) child(parent int32, name string) int32 {
	key := canonicalName(name)
	if n, ok := s.nodes[parent].children[key]; ok {
		return n
	}
	n := int32(len(s.nodes))
	s.nodes = append(s.nodes, node{parent: parent, name: name, children: map[string]int32{}})
	s.nodes[parent].children[key] = n
	return n
}
