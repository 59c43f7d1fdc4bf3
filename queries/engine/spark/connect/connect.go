//go:build spark

package connect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/spark-connect-go/spark/sparkerrors"
	"github.com/apache/spark-connect-go/spark/sql"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pidledger/pidledger/queries/engine/spark"
)

// dialTime is how long a server may take to accept a connection: the client itself would try for minutes.
const dialTime = 10 * time.Second

// oldest is the first version of Spark that runs the statements.
const oldest = 4

// Check finds what is wrong with the address of a server, without asking it.
func Check(r Remote) error {
	_, err := r.builder()
	return err
}

// inFlight is how many statements run at the same time. A small one is work of the driver on one core, and its jobs leave executors idle.
const inFlight = 4

// Run runs statements in one session, each as soon as those are done that it comes after, several at a time. What a session leaves behind are files;
// when a statement fails, or the context ends, no other one is begun, so that nothing is published. Those that are running go on at the server, for the
// client cannot stop them. Done is called after each with its place in the list and how long it took, one call at a time.
func Run(ctx context.Context, r Remote, statements []spark.Statement, done func(at int, took time.Duration)) error {
	b, err := r.builder()
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "tcp", b.address)
	if err != nil {
		return &Error{"no Spark Connect server answers at " + b.address, "see whether it runs, and whether this machine may reach that port (15002 unless it was set otherwise)", err}
	}
	if err := conn.Close(); err != nil {
		return err
	}
	session, err := sql.NewSessionBuilder().WithChannelBuilder(b).Build(ctx)
	if err != nil {
		return &Error{"cannot talk to " + b.address, "", err}
	}
	defer session.Stop() //nolint:errcheck // it does nothing
	if err := checkVersion(ctx, session, b.address); err != nil {
		return err
	}
	err = spark.InOrder(ctx, statements, inFlight, func(ctx context.Context, at int) error {
		s := statements[at]
		if _, err := session.Sql(ctx, s.Text); err != nil {
			return explain(err, b.address, fmt.Sprintf("statement %d of %d, %s", at+1, len(statements), s.Name))
		}
		return nil
	}, done)
	return cmp.Or(ctx.Err(), err)
}

// checkVersion asks the first question, which shows whether the server is one, takes the token, and is new enough.
func checkVersion(ctx context.Context, session sql.SparkSession, address string) error {
	frame, err := session.Sql(ctx, "select version() as version")
	if err != nil {
		return explain(err, address, "the first question")
	}
	rows, err := frame.Collect(ctx)
	if err != nil {
		return explain(err, address, "the first question")
	}
	version := ""
	if len(rows) == 1 {
		version = fmt.Sprint(rows[0].Values()[0])
	}
	return checkNew(version, address)
}

// checkNew tells whether a version, such as 4.0.5, is new enough.
func checkNew(version, address string) error {
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldest {
		return &Error{fmt.Sprintf("the server at %s runs Spark %s, too old for these statements", address, cmp.Or(version, "of an unknown version")),
			fmt.Sprintf("use a cluster with Spark %d.0 or later", oldest), nil}
	}
	return nil
}

// longest is how much of an error of Spark is shown: what follows are plans.
const longest = 600

// outOfMemory is how Spark says that memory ran out: a task, what a driver collects, a table that it sends to all executors.
var outOfMemory = []string{"OutOfMemory", "exceeds maxResultSize", "Could not allocate memory", "Not enough memory"}

// explain says what an error of the client means.
func explain(err error, address, where string) error {
	var s *sparkerrors.SparkError
	var call interface{ GRPCStatus() *status.Status } // of a call that did not reach the server
	var text string
	var code codes.Code
	switch {
	case errors.As(err, &s):
		text, code = s.Message, s.Code
	case errors.As(err, &call):
		text, code = call.GRPCStatus().Message(), call.GRPCStatus().Code()
	default:
		return &Error{where + " failed on Spark", "nothing was published: run again; what Spark wrote so far is not used", err}
	}
	shown := text
	if len(shown) > longest {
		shown = shown[:longest] + " ..."
	}
	cause := errors.New(shown)
	switch code {
	case codes.Unauthenticated, codes.PermissionDenied:
		return &Error{"the Spark Connect server at " + address + " does not accept the token", "put the server's token into the file of spark.token_file", cause}
	case codes.Unavailable, codes.Canceled, codes.DeadlineExceeded:
		return &Error{"the connection to " + address + " was lost at " + where, "nothing was published: run again, which begins anew in folders of its own", cause}
	case codes.Unimplemented:
		return &Error{"what answers at " + address + " is not a Spark Connect server", "name the host and port of one with spark.remote", cause}
	case codes.ResourceExhausted:
		return &Error{where + " was more than the connection takes", "", cause}
	}
	if slices.ContainsFunc(outOfMemory, func(words string) bool { return strings.Contains(text, words) }) {
		return &Error{where + " ran out of memory on Spark", "give executors and driver more memory, or the session more shuffle partitions", cause}
	}
	return &Error{where + " failed on Spark", "nothing was published: run again once the cause is gone", cause}
}

// builder reads the URL.
func (r Remote) builder() (*builder, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "sc" || u.Hostname() == "" {
		return nil, &Error{fmt.Sprintf("%q is not a Spark Connect server", r.URL), "write sc://HOST:15002", nil}
	}
	b := &builder{host: u.Hostname(), address: net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "15002")), token: r.Token, headers: map[string]string{}, user: "pidledger"}
	for _, part := range strings.Split(strings.TrimPrefix(u.Path, "/"), ";") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "":
		case "token":
			return nil, &Error{"a token does not belong into the address of a server, which is logged and shown", "put it into a file and name that with spark.token_file", nil}
		case "use_ssl":
			b.tls = value == "true"
		case "user_id":
			b.user = value
		default:
			b.headers[key] = value
		}
	}
	ip := net.ParseIP(b.host)
	if local := b.host == "localhost" || ip != nil && ip.IsLoopback(); r.Token != "" && !local {
		b.tls = true
	}
	return b, nil
}
