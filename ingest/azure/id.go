package azure

import "bytes"

// Types of the containers of resources, in canonical form.
const (
	DeploymentType = "microsoft.resources/deployments"
	GroupType      = "microsoft.resources/subscriptions/resourcegroups"
)

// Pieces of a canonical resource id.
const (
	SubscriptionsRoot = "/subscriptions/"
	GroupsSegment     = "/resourcegroups/"
	ProvidersSegment  = "/providers/"
)

var (
	slash              = []byte{'/'}
	subscriptionsRoot  = []byte(SubscriptionsRoot)
	groupsSegment      = []byte(GroupsSegment)
	providersSegment   = []byte(ProvidersSegment)
	deploymentsSegment = []byte("/deployments/")
	operationsSegment  = []byte("/operations/")
	resourcesProvider  = []byte("/providers/microsoft.resources")
)

// AppendID appends the canonical form of a resource id: lower case, one leading slash, no trailing slash (SPEC 3.7), and with the provider that old
// deployment ids lack. Nothing is appended for an empty id.
func AppendID(dst, id []byte) []byte {
	for len(id) > 0 && endsID(id[0]) {
		id = id[1:]
	}
	for len(id) > 0 && endsID(id[len(id)-1]) {
		id = id[:len(id)-1]
	}
	if len(id) == 0 {
		return dst
	}
	start := len(dst)
	dst = append(dst, '/')
	dst = AppendLower(dst, id)
	at := legacyDeployment(dst[start:])
	if at < 0 {
		return dst
	}
	at += start
	dst = append(dst, resourcesProvider...)
	copy(dst[at+len(resourcesProvider):], dst[at:len(dst)-len(resourcesProvider)])
	copy(dst[at:], resourcesProvider)
	return dst
}

func endsID(c byte) bool { return c == '/' || IsSpace(c) }

// legacyDeployment finds where /subscriptions/S[/resourcegroups/RG]/deployments/N lacks its provider; -1 if it does not.
func legacyDeployment(id []byte) int {
	at := bytes.Index(id, deploymentsSegment)
	if at < 0 || !bytes.HasPrefix(id, subscriptionsRoot) {
		return -1
	}
	subscription, group := SplitID(id[:at])
	if len(subscription) == 0 {
		return -1
	}
	if bytes.Count(id[:at], slash) == 2 || len(group) > 0 && bytes.Count(id[:at], slash) == 4 {
		return at
	}
	return -1
}

// SplitID returns the subscription and the resource group of a canonical id, nil for one that it lacks. The subscription is the segment after
// /subscriptions/, GUID or not.
func SplitID(id []byte) (subscription, group []byte) {
	rest, ok := bytes.CutPrefix(id, subscriptionsRoot)
	if !ok {
		return nil, nil
	}
	end := segmentEnd(rest)
	subscription, rest = rest[:end], rest[end:]
	if rest, ok = bytes.CutPrefix(rest, groupsSegment); ok {
		group = rest[:segmentEnd(rest)]
	}
	return subscription, group
}

func segmentEnd(b []byte) int {
	if i := bytes.IndexByte(b, '/'); i >= 0 {
		return i
	}
	return len(b)
}

// AppendGroup appends the id of a resource group, or of a subscription when group is empty. It takes the texts as they are: use AppendID for the
// canonical form of the result.
func AppendGroup[T ~string | ~[]byte](dst []byte, subscription, group T) []byte {
	dst = append(append(dst, SubscriptionsRoot...), subscription...)
	if len(group) > 0 {
		dst = append(append(dst, GroupsSegment...), group...)
	}
	return dst
}

// AppendType appends the type of what a canonical id names, including resource groups and subscriptions; nothing for an id of another form.
func AppendType(dst, id []byte) []byte {
	if lastProvider(id) >= 0 {
		return AppendResourceType(dst, id)
	}
	subscription, group := SplitID(id)
	switch {
	case len(group) > 0:
		return append(dst, GroupType...)
	case len(subscription) > 0:
		return append(dst, "microsoft.resources/subscriptions"...)
	}
	return dst
}

// AppendResourceType appends the type of the resource with a canonical id: microsoft.compute/virtualmachines/extensions. An extension
// resource has the type after its last provider. Nothing is appended for an id without a provider.
func AppendResourceType(dst, id []byte) []byte {
	at := lastProvider(id)
	if at < 0 {
		return dst
	}
	return AppendProviderType(dst, id[at+len(providersSegment):])
}

// AppendProviderType appends the type that an id has whose last provider is followed by rest: microsoft.compute/virtualmachines/vm-1.
func AppendProviderType(dst, rest []byte) []byte {
	part, rest, more := bytes.Cut(rest, slash)
	dst = append(dst, part...)
	for isType := true; more; isType = !isType {
		part, rest, more = bytes.Cut(rest, slash)
		if isType {
			dst = append(append(dst, '/'), part...)
		}
	}
	return dst
}

// lastProvider is bytes.LastIndex for /providers/, which an id holds once or, with an extension resource, twice.
func lastProvider(id []byte) int {
	last := -1
	for from := 0; ; {
		at := bytes.Index(id[from:], providersSegment)
		if at < 0 {
			return last
		}
		last = from + at
		from = last + len(providersSegment) - 1 // the slash at its end may begin the next one
	}
}

// LastSegment returns what follows the last slash.
func LastSegment(id []byte) []byte { return id[bytes.LastIndexByte(id, '/')+1:] }

// IsDeployment reports whether a canonical id names a deployment.
func IsDeployment(id []byte) bool {
	at := bytes.LastIndexByte(id, '/')
	return at > 0 && at+1 < len(id) && bytes.HasSuffix(id[:at], []byte("/providers/"+DeploymentType))
}

// CutOperation splits the canonical id of a deployment operation into the deployment's id and the operation id.
func CutOperation(id []byte) (deployment, operation []byte, ok bool) {
	at := bytes.LastIndex(id, operationsSegment)
	if at < 0 || !IsDeployment(id[:at]) {
		return nil, nil, false
	}
	return id[:at], id[at+len(operationsSegment):], true
}

// ScopeKind tells where a deployment with a canonical id was made: rg, sub, mg or tenant.
func ScopeKind(id []byte) string {
	subscription, group := SplitID(id)
	switch {
	case len(group) > 0:
		return "rg"
	case len(subscription) > 0:
		return "sub"
	case bytes.HasPrefix(id, []byte("/providers/microsoft.management/managementgroups/")):
		return "mg"
	case len(id) > 0:
		return "tenant"
	}
	return ""
}

// AppendURLID appends the canonical id that a request's URL addresses: host, query and fragment are cut off and %xx decoded. Gateways
// put a path of their own in front (https://gateway/arm/subscriptions/...). Nothing is appended for a URL outside Azure Resource
// Manager.
func AppendURLID(dst, url []byte) []byte {
	url = Trim(url)
	if i := bytes.Index(url, []byte("://")); i >= 0 && !bytes.Contains(url[:i], slash) {
		url = url[i+3:]
		i = bytes.IndexByte(url, '/')
		if i < 0 {
			return dst
		}
		url = url[i:]
	}
	if i := bytes.IndexAny(url, "?#"); i >= 0 {
		url = url[:i]
	}
	at := IndexFold(url, "/subscriptions/")
	switch {
	case len(url) > len("/providers/microsoft.") && EqualFold(url[:len("/providers/microsoft.")], "/providers/microsoft."):
		at = 0 // a scope above subscriptions
	case at < 0 || len(url) == at+len("/subscriptions/"):
		return dst
	case at > 0:
		if s, _, _ := bytes.Cut(url[at+len("/subscriptions/"):], slash); !IsGUID(s) {
			return dst // a site that happens to have a page with that name
		}
	}
	start := len(dst)
	dst = appendUnescaped(dst, url[at:])
	id := AppendID(nil, dst[start:])
	return append(dst[:start], id...)
}

// appendUnescaped appends b with %xx decoded; anything that is not an escape stays unchanged.
func appendUnescaped(dst, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		if b[i] == '%' && i+2 < len(b) && IsHex(b[i+1]) && IsHex(b[i+2]) {
			dst = append(dst, unhex(b[i+1])<<4|unhex(b[i+2]))
			i += 2
			continue
		}
		dst = append(dst, b[i])
	}
	return dst
}

func unhex(c byte) byte {
	if IsDigit(c) {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}
