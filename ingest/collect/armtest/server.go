// Package armtest is an Azure Resource Manager on loopback, for tests: it answers with the evidence of a world, page by page, and fails as Azure
// does when a test wants it to.
package armtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/pidledger/pidledger/ingest/collect"
)

// Server answers. Its fields may be changed between two collections.
type Server struct {
	World    *World
	PageSize int
	Now      time.Time                                         // what happened later is not seen
	Meddle   func(w http.ResponseWriter, r *http.Request) bool // true: it has answered; nil: never
	Tries    int                                               // how often a token is good; 0: always

	t        testing.TB
	http     *httptest.Server
	mu       sync.Mutex
	requests []string
	tokens   map[string]int // how often each was used
}

// New starts a server, which ends with its test.
func New(t testing.TB, w *World) *Server {
	s := &Server{World: w, PageSize: 3, t: t, tokens: map[string]int{}}
	s.http = httptest.NewTLSServer(s)
	if transport, ok := s.http.Client().Transport.(*http.Transport); ok {
		transport.MaxIdleConnsPerHost = 16 // handshakes are most of the time that a test takes
	}
	t.Cleanup(s.http.Close)
	return s
}

// Access is how a collection reaches the server.
func (s *Server) Access() collect.Access {
	return collect.Access{
		Of: &cloud.Configuration{ActiveDirectoryAuthorityHost: "https://login.invalid/", Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
			cloud.ResourceManager: {Endpoint: s.http.URL, Audience: "https://management.invalid"},
		}},
		Identity: (*identity)(s), Transport: s.http.Client(), RetryDelay: time.Millisecond,
	}
}

// identity gives tokens that are good for a moment.
type identity Server

func (i *identity) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	token := fmt.Sprintf("token-%d", len(i.tokens))
	i.tokens[token] = 0
	ends := time.Hour
	if i.Tries > 0 {
		ends = 0
	}
	return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(ends)}, nil
}

// Requests gives the paths of the requests since the last call, in order.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.requests
	s.requests = nil
	return all
}

// Refuse answers with an error as Azure words it.
func Refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-ms-error-code", code)
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":%q,"message":"told by the test"}}`, code)
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	used, known := s.tokens[token]
	s.tokens[token]++
	s.mu.Unlock()
	switch {
	case !known || s.Tries > 0 && used >= s.Tries:
		Refuse(w, http.StatusUnauthorized, "ExpiredAuthenticationToken")
	case strings.Contains(r.URL.RawQuery, "+"): // a plus is no blank to Azure
		Refuse(w, http.StatusBadRequest, "InvalidFilter")
	case r.URL.Query().Get("api-version") == "":
		Refuse(w, http.StatusBadRequest, "MissingApiVersionParameter")
	case s.Meddle != nil && s.Meddle(w, r):
	case r.URL.Path == "/providers/Microsoft.ResourceGraph/resources":
		s.graph(w, r)
	default:
		s.list(w, r)
	}
}

// visible leaves out what is not seen yet.
func (s *Server) visible(all []record) []record {
	return slices.DeleteFunc(slices.Clone(all), func(r record) bool { return r.seen.After(s.Now) || r.time.After(s.Now) })
}

// list answers a listing.
func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	path := strings.ToLower(strings.TrimSuffix(r.URL.Path, "/"))
	deployments, isDeployments := strings.CutSuffix(path, "/providers/microsoft.resources/deployments")
	deployment, isOperations := strings.CutSuffix(path, "/operations")
	subscription, isActivity := strings.CutSuffix(path, "/providers/microsoft.insights/eventtypes/management/values")
	groups, isGroups := strings.CutSuffix(path, "/resourcegroups")
	management, isBelow := strings.CutSuffix(path, "/descendants")
	var list []json.RawMessage
	switch {
	case path == "/subscriptions":
		for _, id := range s.World.Subscriptions {
			list = append(list, raw(map[string]string{"id": "/subscriptions/" + id, "subscriptionId": id}))
		}
	case path == "/providers/microsoft.management/managementgroups":
		for _, name := range s.World.ManagementGroups {
			list = append(list, raw(map[string]string{"name": name, "type": "Microsoft.Management/managementGroups"}))
		}
	case isBelow && strings.HasPrefix(management, "/providers/microsoft.management/managementgroups/"):
		for _, id := range s.World.Subscriptions {
			list = append(list, raw(map[string]string{"name": id, "type": "Microsoft.Management/managementGroups/subscriptions"}))
		}
	case isGroups:
		for _, name := range s.groups(groups) {
			list = append(list, raw(map[string]string{"id": groups + "/resourceGroups/" + name, "name": name}))
		}
	case isDeployments:
		list = s.deployments(deployments)
	case isOperations:
		list = s.operations(deployment)
	case isActivity:
		list = s.activity(w, subscription, r.URL.Query().Get("$filter"))
		if list == nil {
			return
		}
	default:
		Refuse(w, http.StatusNotFound, "ResourceNotFound")
		return
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("$skiptoken"))
	from = min(max(from, 0), len(list))
	to := min(from+s.PageSize, len(list))
	answer := map[string]any{"value": append([]json.RawMessage{}, list[from:to]...)}
	if to < len(list) {
		next := *r.URL
		q := next.Query()
		q.Set("$skiptoken", strconv.Itoa(to))
		next.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
		answer["nextLink"] = s.http.URL + next.String()
	}
	s.answer(w, answer)
}

func (s *Server) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-ms-ratelimit-remaining-subscription-reads", "249")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.t.Error(err)
	}
}

func raw(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// groups are the resource groups of a subscription that have deployments, by their names as written.
func (s *Server) groups(scope string) (names []string) {
	seen := map[string]bool{}
	for _, r := range s.visible(s.World.deployments) {
		rest, ok := strings.CutPrefix(r.key, scope+"/resourcegroups/")
		name, _, _ := strings.Cut(rest, "/")
		if ok && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// deployments are those of a scope: of each name the latest, the newest first.
func (s *Server) deployments(scope string) (list []json.RawMessage) {
	latest := map[string]record{}
	for _, r := range s.visible(s.World.deployments) {
		rest, ok := strings.CutPrefix(r.key, scope+"/providers/microsoft.resources/deployments/")
		if l := latest[r.key]; ok && !strings.Contains(rest, "/") && !l.time.After(r.time) {
			latest[r.key] = r
		}
	}
	return raws(latest)
}

func raws(of map[string]record) (list []json.RawMessage) {
	var all []record
	for _, r := range of {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b record) int {
		if c := b.time.Compare(a.time); c != 0 {
			return c
		}
		return strings.Compare(string(a.raw), string(b.raw))
	})
	for _, r := range all {
		list = append(list, r.raw)
	}
	return list
}

// operations are those of a deployment, as they were seen last.
func (s *Server) operations(deployment string) []json.RawMessage {
	var last time.Time
	of := map[string]record{}
	for _, r := range s.visible(s.World.operations) {
		if r.key != deployment || r.seen.Before(last) {
			continue
		}
		if r.seen.After(last) {
			last, of = r.seen, map[string]record{}
		}
		of[string(r.raw)] = r
	}
	return raws(of)
}

// between is the filter that the activity log is asked with.
var between = regexp.MustCompile(`^eventTimestamp ge '([^']+)' and eventTimestamp le '([^']+)'$`)

func (s *Server) activity(w http.ResponseWriter, scope, filter string) []json.RawMessage {
	m := between.FindStringSubmatch(filter)
	if m == nil {
		Refuse(w, http.StatusBadRequest, "BadRequest")
		return nil
	}
	from, err1 := time.Parse(time.RFC3339, m[1])
	to, err2 := time.Parse(time.RFC3339, m[2])
	if err1 != nil || err2 != nil || from.Before(s.Now.AddDate(0, 0, -90)) {
		Refuse(w, http.StatusBadRequest, "BadRequest")
		return nil
	}
	list := []json.RawMessage{}
	for _, r := range s.visible(s.World.activity) {
		if strings.HasPrefix(r.key, scope+"/") && !r.time.Before(from) && !r.time.After(to) {
			list = append(list, r.raw)
		}
	}
	return list
}

// since is the time in the query for changes.
var since = regexp.MustCompile(`>= datetime\(([^)]+)\)`)

// graph answers Resource Graph.
func (s *Server) graph(w http.ResponseWriter, r *http.Request) {
	var question struct {
		Subscriptions []string `json:"subscriptions"`
		Query         string   `json:"query"`
		Options       struct {
			Skip string `json:"$skipToken"`
		} `json:"options"`
	}
	m := []string(nil)
	if err := json.NewDecoder(r.Body).Decode(&question); err == nil {
		m = since.FindStringSubmatch(question.Query)
	}
	if m == nil || r.Method != http.MethodPost || len(question.Subscriptions) != 1 {
		Refuse(w, http.StatusBadRequest, "BadRequest")
		return
	}
	from, err := time.Parse(time.RFC3339, m[1])
	if err != nil {
		Refuse(w, http.StatusBadRequest, "InvalidQuery")
		return
	}
	rows := []json.RawMessage{}
	for _, r := range s.visible(s.World.changes) {
		if strings.HasPrefix(r.key, "/subscriptions/"+question.Subscriptions[0]+"/") && !r.time.Before(from) {
			rows = append(rows, r.raw)
		}
	}
	begin, _ := strconv.Atoi(question.Options.Skip)
	begin = min(max(begin, 0), len(rows))
	end := min(begin+s.PageSize, len(rows))
	answer := map[string]any{"totalRecords": len(rows), "count": end - begin, "data": rows[begin:end], "facets": []int{}, "resultTruncated": "false"}
	if end < len(rows) {
		answer["$skipToken"] = strconv.Itoa(end)
	}
	s.answer(w, answer)
}
