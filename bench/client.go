package bench

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Request is one request of a workload.
type Request struct {
	Method, Path string // Path below the base
	Kind         string // names requests that should take alike; may be empty
	Body         []byte
	Count        int // units of work in it: resources of a bundle, else 1
	Status       int // of a good answer; 0 is 200
}

func (q Request) good(a Answer) bool { return a.Status == cmp.Or(q.Status, http.StatusOK) }

// Answer is what a script may build its next request on.
type Answer struct {
	Status   int
	Location string // header
}

// client is one connection. It writes HTTP/1.1 by hand, because driver and server share the machine and what the driver
// takes the server lacks (RFC 9112).
type client struct {
	host, root, token string
	conn              net.Conn
	in                *bufio.Reader
	out               []byte
}

func dial(ctx context.Context, c Contender) (*client, error) {
	u, err := url.Parse(c.Base)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	return &client{host: u.Host, root: u.Path, token: c.Token, conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

func (c *client) close() { c.conn.Close() } //nolint:errcheck // nothing is lost

const patience = 2 * time.Minute

// do sends a request and reads the whole answer.
func (c *client) do(q Request) (Answer, error) {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return Answer{}, err
	}
	if _, err := c.conn.Write(c.request(q)); err != nil {
		return Answer{}, err
	}
	a, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return Answer{}, err
	}
	_, err = io.Copy(io.Discard, a.Body)
	return Answer{a.StatusCode, a.Header.Get("Location")}, err
}

func (c *client) request(q Request) []byte {
	c.out = fmt.Appendf(c.out[:0], "%s %s%s HTTP/1.1\r\nHost: %s\r\nAccept: application/fhir+json\r\n", q.Method, c.root, q.Path, c.host)
	if c.token != "" {
		c.out = append(c.out, "Authorization: Bearer "+c.token+"\r\n"...)
	}
	if q.Body != nil {
		c.out = append(c.out, "Content-Type: application/fhir+json\r\nContent-Length: "+strconv.Itoa(len(q.Body))+"\r\n"...)
	}
	return append(append(c.out, "\r\n"...), q.Body...)
}
