//go:build !spark

package connect

import (
	"context"
	"time"

	"github.com/pidledger/pidledger/queries/engine/spark"
)

// Check says that there is no client in this program.
func Check(Remote) error { return Run(context.Background(), Remote{}, nil, nil) }

// Run says that there is no client in this program.
func Run(context.Context, Remote, []spark.Statement, func(at int, took time.Duration)) error {
	return &Error{
		What: "this pidledger was built without Spark Connect",
		Hint: "take one that was released, build it with make TAGS=spark, or have the statements run by other means: pidledger spark script",
	}
}
