package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Server is a FHIR server as a target.
type Server struct {
	base, token string
	client      *http.Client
	wait        time.Duration // before a second try
}

// ToServer sends to the FHIR base address, such as http://127.0.0.1:8080/fhir, with a bearer token if there is one.
func ToServer(base, token string, jobs int) *Server {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = jobs
	return &Server{strings.TrimSuffix(base, "/"), token, &http.Client{Transport: transport, Timeout: 10 * time.Minute}, time.Second}
}

const tries = 5

// Send posts the bundle. An overloaded server (429, 503) is asked again a few times.
func (s *Server) Send(ctx context.Context, _ bool, bundle []byte) ([]Answer, error) {
	for try := 1; ; try++ {
		status, body, err := s.post(ctx, bundle)
		if err != nil {
			return nil, err
		}
		busy := status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
		if !busy || try == tries {
			return answers(status, body)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Duration(try) * s.wait):
		}
	}
}

func (s *Server) post(ctx context.Context, bundle []byte) (status int, body []byte, err error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base, bytes.NewReader(bundle))
	if err != nil {
		return 0, nil, fault.New(fault.Invalid, "%q is not the address of a server", s.base)
	}
	q.Header.Set("Content-Type", "application/fhir+json")
	q.Header.Set("Accept", "application/fhir+json")
	if s.token != "" {
		q.Header.Set("Authorization", "Bearer "+s.token)
	}
	a, err := s.client.Do(q)
	if err != nil {
		return 0, nil, unreachable(s.base, err)
	}
	defer a.Body.Close() //nolint:errcheck // all of it was read
	if body, err = io.ReadAll(a.Body); err != nil {
		return 0, nil, lost(err)
	}
	return a.StatusCode, body, nil
}

// unreachable tells a server that was not reached, which stops the load, from one that may have done its work.
func unreachable(base string, err error) error {
	if op, is := errors.AsType[*net.OpError](err); is && op.Op == "dial" {
		return fmt.Errorf("%w: %w", fault.New(fault.Unavailable, "nobody answers at %s", base), op)
	}
	return lost(err)
}

// failed is the error for a status. A server that failed on its way, or a proxy before it, may have done the work.
func failed(status int, err error) error {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return doubt{err}
	}
	return err
}

// answers reads a response: a bundle with one entry for each that was sent, or an OperationOutcome.
func answers(status int, body []byte) ([]Answer, error) {
	r, err := fhir.Parse(body, fhir.Limits{Bytes: maxFile})
	switch {
	case status == http.StatusUnauthorized:
		return nil, fault.New(fault.Unauthorized, "the server does not accept the token")
	case err != nil:
		return nil, failed(status, fault.New(fault.Invalid, "the server answered %d and no FHIR resource", status))
	case status != http.StatusOK || r.Type() != "Bundle":
		return nil, failed(status, fault.New(fault.Invalid, "%d: %s", status, reason(r.Value)))
	}
	var all []Answer
	for e := range r.Get("entry").Items() {
		all = append(all, answer(e.Get("response")))
	}
	return all, nil
}

func answer(response fhir.Value) Answer {
	status := response.Get("status").Str()
	switch {
	case strings.HasPrefix(status, "201"):
		return Answer{Effect: Created}
	case !strings.HasPrefix(status, "2"):
		code, _ := strconv.Atoi(strings.SplitN(status, " ", 2)[0]) // what is no number is no doubt either
		return Answer{Err: failed(code, fault.New(fault.Invalid, "%.3s: %s", status, reason(response.Get("outcome"))))}
	case response.Get("etag").Str() == `W/"1"`:
		return Answer{Effect: Unchanged}
	}
	return Answer{Effect: Updated}
}

// reason is what an OperationOutcome says, with the place.
func reason(outcome fhir.Value) string {
	var all []string
	for i := range outcome.Get("issue").Items() {
		text := i.Get("diagnostics").Str()
		if text == "" {
			text = i.Get("details").Get("text").Str()
		}
		if text == "" {
			text = i.Get("code").Str()
		}
		if at := i.Get("expression").At(0).Str(); at != "" && !strings.Contains(text, at) {
			text = at + ": " + text
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return "no reason given"
	}
	return strings.Join(all, "; ")
}
