package evidence

// kind is what became of one record; its name is what files.kinds counts.
type kind int

// kindNone is for records that are counted elsewhere: a logged request is counted with its answer.
const kindNone kind = -1

const (
	kindUnknown kind = iota
	kindReject
	kindDeployment
	kindWhatIf
	kindOperation
	kindWrite
	kindDelete
	kindMove
	kindPending
	kindNoStatus
	kindOtherStatus
	kindRead
	kindList
	kindAction
	kindPolicy
	kindOther
	kindPortalUnknown
	kindChange
	kindRequest
	kindRequestRead
	kindRequestNoMethod
	kindRequestForeign
	kindOtherLog
	kindLogLine
	kindNoBody
	kindCount
)

var kindNames = [kindCount]string{
	"unknown",                 // no known shape
	"rejected",                // a reject; not part of Tally.Kinds
	"deployment",              // kept
	"deployment.whatif",       // result of a validation or what-if: nothing was deployed
	"operation",               // kept
	"activity.write",          // kept: */write with an outcome, and every deployments/write
	"activity.delete",         // kept
	"activity.move",           // kept
	"activity.pending",        // a write or delete that only started or was accepted
	"activity.no_status",      // a write or delete without a status ($select, trimmed events)
	"activity.other_status",   // a write or delete with a status that is not an outcome ("Canceled", "Updated", ...)
	"activity.read",           // */read
	"activity.list",           // */list*/action: keys and the like
	"activity.action",         // any other action
	"activity.policy",         // policy effects
	"activity.other",          // no operation, or one of another form
	"activity.portal_unknown", // a localised operation name that no rule knows
	"change",                  // kept
	"request",                 // kept: PUT, PATCH, POST, DELETE
	"request.read",            // GET, HEAD, ...
	"request.no_method",       // a User-Agent without an HTTP method (data plane logs)
	"request.foreign",         // a changing request that is not one of Azure Resource Manager and carries no id
	"resourcelog.other",       // resource log of another category, without a User-Agent
	"log.line",                // line of a JSON log that holds no request
	"event.no_body",           // event of an event hub without a body
}
