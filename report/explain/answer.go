package explain

// The kinds of things that can be explained.
const (
	KindResource      = "resource"
	KindTrackingID    = "tracking_id"
	KindRequest       = "request"
	KindDeployment    = "deployment"
	KindSubscription  = "subscription"
	KindResourceGroup = "resource_group"
	KindCustomer      = "customer" // a tenant
	KindToken         = "token"    // a malformed one
)

// Answer is what is known of one thing; it is what `explain --json` writes. Times are UTC, RFC 3339; dates YYYY-MM-DD; amounts are
// exact decimals as texts; what is not known is absent.
type Answer struct {
	Asked       string        `json:"asked"` // as written
	Kind        string        `json:"kind"`
	ID          string        `json:"id"`
	Conclusion  string        `json:"conclusion"`      // one sentence
	Notes       []string      `json:"notes,omitempty"` // what else must be known to understand it
	RunID       string        `json:"run_id"`          // of the snapshot
	DataThrough string        `json:"data_through,omitempty"`
	Resource    *Resource     `json:"resource,omitempty"`
	Requests    []*Request    `json:"requests,omitempty"` // of a request, deployment, tracking id or token, by time
	Tracking    *Tracking     `json:"tracking_id,omitempty"`
	Token       *Malformed    `json:"token,omitempty"`
	Owned       []Owned       `json:"owned,omitempty"`      // resources that the requests or the tracking id own, or would have owned
	Usage       []ScopeCost   `json:"usage,omitempty"`      // of a subscription, resource group or customer
	Customer    []CustomerUse `json:"customer,omitempty"`   // attributed usage of a customer
	Reach       []Reach       `json:"reach,omitempty"`      // evidence of the subscription
	Missing     []Missing     `json:"missing,omitempty"`    // links that are not there
	Candidates  []Candidate   `json:"candidates,omitempty"` // without a kind: the things that may be meant
}

// Place is the record that a link of the chain stands in.
type Place struct {
	Evidence string `json:"evidence,omitempty"` // deployment, dependency, operation, activity, change, request_log, output, move
	File     string `json:"file,omitempty"`
	Record   int64  `json:"record,omitempty"` // 1-based
}

// Resource is the chain of one resource.
type Resource struct {
	ID            string     `json:"id"`
	JudgedBy      string     `json:"judged_by"` // the resource whose owner it takes; itself when it has writes of its own
	FirstUsage    string     `json:"first_usage_date,omitempty"`
	FirstPositive string     `json:"first_positive_date,omitempty"` // of usage with a positive quantity
	Spans         []Span     `json:"spans"`                         // days with usage or evidence, each with one status
	Lifetimes     []Lifetime `json:"lifetimes,omitempty"`           // of judged_by
	Moves         []Move     `json:"moves,omitempty"`
	NoWrites      []NoWrite  `json:"no_writes,omitempty"`
	Doubts        []Doubt    `json:"doubts,omitempty"`
	Manager       *Manager   `json:"manager,omitempty"`
	Money         []Money    `json:"money,omitempty"`
	Day           string     `json:"day,omitempty"`
	DayRows       []DayRow   `json:"day_rows,omitempty"` // attributed usage rows of Day
}

// Span is a span of days with one status.
type Span struct {
	ResourceID    string `json:"resource_id,omitempty"`
	From          string `json:"date_from"` // 0001-01-01: since ever
	To            string `json:"date_to"`   // 9999-12-31: until ever
	SubjectID     string `json:"subject_id"`
	Status        string `json:"status"`
	Reason        string `json:"reason,omitempty"`
	TrackingID    string `json:"tracking_id,omitempty"`
	CorrelationID string `json:"correlation_id,omitempty"`
	Method        string `json:"method,omitempty"`
	Rule          string `json:"rule"`
}

// Lifetime is the time between the first write of a resource and its deletion.
type Lifetime struct {
	Number  int64    `json:"number"`
	Writes  []Write  `json:"writes"` // the first one, and those that carried an id
	Deleted *Deleted `json:"deleted,omitempty"`
}

// Write is the evidence that a request created or updated a resource.
type Write struct {
	ResourceID    string     `json:"resource_id"`
	CorrelationID string     `json:"correlation_id"`
	Time          string     `json:"ts"`
	IsUpdate      bool       `json:"is_update"`
	Lifetime      int64      `json:"lifetime"`
	Position      int64      `json:"place"` // in the lifetime; 1: its first write
	Tags          []Tag      `json:"tags,omitempty" sql:"-"`
	Sightings     []Sighting `json:"sightings,omitempty" sql:"-"`   // of its request
	Deployments   []string   `json:"deployments,omitempty" sql:"-"` // names of the deployments of its request that are known
	Place
}

// Tag is an id that tags a write.
type Tag struct {
	ResourceID    string        `json:"resource_id,omitempty"`
	CorrelationID string        `json:"correlation_id,omitempty"`
	TrackingID    string        `json:"tracking_id,omitempty"` // absent: a malformed token
	Standing      string        `json:"standing"`              // in_force, late, retired, unregistered, system, malformed; on the day of the request
	Method        string        `json:"method"`                // template, user_agent
	Rank          int64         `json:"place"`                 // 1: the primary, which has the credit
	Registration  *Registration `json:"registration,omitempty" sql:"-"`
}

// Registration is what the registry says of an id.
type Registration struct {
	TrackingID   string `json:"tracking_id"`
	MPNID        string `json:"mpn_id,omitempty"`
	Offer        string `json:"offer,omitempty"`
	SKU          string `json:"sku,omitempty"`
	Channel      string `json:"channel,omitempty"`
	Description  string `json:"description,omitempty"`
	RegisteredAt string `json:"registered_at,omitempty"`
	RetiredAt    string `json:"retired_at,omitempty"`
	Place
}

// Sighting is a token in a deployment name or User-Agent.
type Sighting struct {
	TrackingID    string `json:"tracking_id,omitempty"`
	Token         string `json:"token"`
	Reason        string `json:"reason,omitempty"` // why it is malformed
	Source        string `json:"source"`           // deployment_name, user_agent
	Text          string `json:"text"`
	CorrelationID string `json:"correlation_id"`
	Time          string `json:"ts"`
	ScopeID       string `json:"scope_id,omitempty"` // the deployment, or the target of the call
	Place
}

// Deleted is a deletion: of the resource, or of deleted_id, in which it lay.
type Deleted struct {
	ResourceID string `json:"resource_id,omitempty"`
	Time       string `json:"ts"`
	DeletedID  string `json:"deleted_id"`
	Place
}

// Move is a move of a resource, or of what it lies in, under another id.
type Move struct {
	OldID string `json:"old_id"`
	NewID string `json:"new_id"`
	Time  string `json:"ts"`
	Place
}

// NoWrite is evidence that touched a resource and wrote nothing.
type NoWrite struct {
	ResourceID    string `json:"resource_id"`
	CorrelationID string `json:"correlation_id,omitempty"`
	Time          string `json:"ts"`
	Why           string `json:"why"` // read, failed, type (an extension of the resource, such as a diagnostic setting)
	Action        string `json:"action,omitempty"`
	Place
}

// Doubt is a write whose request was chosen among several runs of its deployment, for their records do not tell when they began.
type Doubt struct {
	CorrelationID string `json:"correlation_id"` // of the chosen run, the first that ended afterwards
	DeploymentID  string `json:"dep_id"`
	Runs          int64  `json:"open_runs"` // that could have made it
}

// Manager is the resource that manages the resource group of another one.
type Manager struct {
	ManagerID  string `json:"manager_id"`
	Status     string `json:"status,omitempty"`
	TrackingID string `json:"tracking_id,omitempty"`
}

// Money is the usage of a resource in one month, with one status and id.
type Money struct {
	Month       string `json:"month"`
	Status      string `json:"status"`
	Reason      string `json:"reason,omitempty"`
	TrackingID  string `json:"tracking_id,omitempty"`
	CreditShare string `json:"credit_share,omitempty"`
	IsDuplicate bool   `json:"is_duplicate,omitempty"` // credited to the primary, too
	Currency    string `json:"currency,omitempty"`
	Rows        int64  `json:"usage_rows"`
	Billed      string `json:"billed_cost,omitempty"`
	Effective   string `json:"effective_cost,omitempty"`
	FirstUsage  string `json:"first_usage_date"`
	LastUsage   string `json:"last_usage_date"`
	OtherIDs    string `json:"other_tracking_ids,omitempty"`
	Place              // of its first usage row; known for attributed ones
}

// DayRow is a usage row of one day, as credited to an id.
type DayRow struct {
	TrackingID  string `json:"tracking_id"`
	CreditShare string `json:"credit_share"`
	IsDuplicate bool   `json:"is_duplicate,omitempty"`
	Currency    string `json:"currency,omitempty"`
	Meter       string `json:"meter_name,omitempty"`
	Quantity    string `json:"quantity,omitempty"`
	Unit        string `json:"unit,omitempty"`
	Billed      string `json:"billed_cost,omitempty"`
	Effective   string `json:"effective_cost,omitempty"`
	Place
}

// Request is a correlation id with what it carried, was and wrote.
type Request struct {
	CorrelationID string       `json:"correlation_id"`
	Start         string       `json:"start_ts,omitempty"`
	Failed        *bool        `json:"failed,omitempty"` // whether one of its deployments failed; absent: it is not a deployment, or carried no id
	IDs           []RequestID  `json:"ids,omitempty"`
	Sightings     []Sighting   `json:"sightings,omitempty"`
	Deployments   []Deployment `json:"deployments,omitempty"`
	Writes        []Write      `json:"writes,omitempty"` // first writes of a lifetime and tagged ones
}

// RequestID is an id that a request carried.
type RequestID struct {
	CorrelationID string `json:"correlation_id,omitempty"`
	TrackingID    string `json:"tracking_id"`
	Standing      string `json:"standing"` // on the day the request began
	Start         string `json:"start_ts,omitempty"`
	Failed        *int64 `json:"is_failed,omitempty"`
}

// Deployment is a known run of a deployment.
type Deployment struct {
	ID             string `json:"dep_id"`
	Name           string `json:"name"`
	SubscriptionID string `json:"subscription_id,omitempty"`
	ResourceGroup  string `json:"resource_group,omitempty"`
	CorrelationID  string `json:"correlation_id,omitempty"`
	State          string `json:"state,omitempty"`
	Start          string `json:"start_ts,omitempty"`
	End            string `json:"end_ts,omitempty"`
	ErrorCode      string `json:"error_code,omitempty"`
	Place
}

// Tracking is what is known of a tracking id as a whole.
type Tracking struct {
	ID           string        `json:"id"`
	Registration *Registration `json:"registration,omitempty"`
	Requests     int           `json:"requests"`
	FirstSeen    string        `json:"first_seen,omitempty"`
	LastSeen     string        `json:"last_seen,omitempty"`
	Misspelt     []Malformed   `json:"misspelt,omitempty"` // malformed tokens that were probably meant to be it
}

// Malformed is a malformed token.
type Malformed struct {
	Token      string `json:"token"`
	Reason     string `json:"reason"`
	Suggestion string `json:"suggestion,omitempty"` // the registered id that was probably meant
	Source     string `json:"source"`
	FirstSeen  string `json:"first_seen"`
	LastSeen   string `json:"last_seen"`
	Sightings  int64  `json:"sightings"` // requests
	Lost       []Lost `json:"lost,omitempty" sql:"-"`
}

// Lost is a resource whose first write carried only malformed tokens.
type Lost struct {
	ResourceID    string `json:"resource_id"`
	CorrelationID string `json:"correlation_id"`
	Currency      string `json:"currency,omitempty"`
	Effective     string `json:"effective_cost,omitempty"`
	Rows          int64  `json:"usage_rows,omitempty"`
}

// Owned is a resource with usage and the request whose id owns it.
type Owned struct {
	ResourceID    string `json:"resource_id"`
	Status        string `json:"status"`
	TrackingID    string `json:"tracking_id"`
	CorrelationID string `json:"correlation_id"`
	Currency      string `json:"currency,omitempty"`
	Effective     string `json:"effective_cost,omitempty"`
	Rows          int64  `json:"usage_rows"`
	FirstUsage    string `json:"first_usage_date"`
	LastUsage     string `json:"last_usage_date"`
}

// ScopeCost is a part of the usage of a subscription or resource group.
type ScopeCost struct {
	Status     string `json:"status"`
	Reason     string `json:"reason,omitempty"`
	TrackingID string `json:"tracking_id,omitempty"`
	Offer      string `json:"offer,omitempty"` // of the registration
	Channel    string `json:"channel,omitempty"`
	Currency   string `json:"currency,omitempty"`
	Resources  int64  `json:"resources"`
	Rows       int64  `json:"usage_rows"`
	Effective  string `json:"effective_cost,omitempty"`
}

// CustomerUse is what a subscription of a customer uses of an offer, through a channel.
type CustomerUse struct {
	SubscriptionID string `json:"subscription_id"`
	Offer          string `json:"offer,omitempty"`
	Channel        string `json:"channel,omitempty"`
	Currency       string `json:"currency,omitempty"`
	First          string `json:"first_month"`
	Last           string `json:"last_month"`
	Effective      string `json:"effective_cost"`
}

// Reach tells which days the evidence of a kind spans.
type Reach struct {
	Kind    string `json:"kind"` // deployments, operations, activity, changes, requests
	First   string `json:"first_date"`
	Last    string `json:"last_date"`
	Records int64  `json:"records"`
}

// Missing is a link that is not there, and how to get it.
type Missing struct {
	Link string `json:"link"` // what is not known
	Have string `json:"have"` // what of the export that would have held it was delivered
	Get  string `json:"get"`  // how to get it
}

// Candidate is a thing that the question may have meant.
type Candidate struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Label string `json:"label,omitempty"`
}

// settings are the attribution settings of the snapshot.
type settings struct {
	Owner             string `json:"owner"`
	Credit            string `json:"credit"`
	Retroactive       bool   `json:"retroactive"`
	InheritChildren   bool   `json:"inherit_children"`
	InheritManaged    bool   `json:"inherit_managed_groups"`
	SharedCorrelation string `json:"shared_correlation"`
}
