package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
	"github.com/ficushealth/ficus/server/edge"
)

// refuse answers err with an OperationOutcome.
func (c *call) refuse(err error) {
	f, status := c.judge(err)
	f = c.placed(f)
	if c.begun { // half an answer is out: breaking off is the only way to say that it is no whole one
		panic(http.ErrAbortHandler)
	}
	c.guess()
	if c.media == "" {
		c.media = fhirJSON
	}
	h := c.w.Header()
	switch f.Kind {
	case fault.Unauthorized:
		h.Set("WWW-Authenticate", challenge(c.r))
	case fault.TooMany, fault.Unavailable:
		h.Set("Retry-After", edge.RetryAfter(err))
	case fault.NotAllowed:
		if h.Get("Allow") == "" { // of what an entry of a transaction names: a type that can be read only
			h.Set("Allow", "GET, HEAD, OPTIONS")
		}
	}
	c.send(status, outcome(f)) //nolint:errcheck // never fails
}

// placed says which header it was that did not hold, where the fault does not say it itself.
func (c *call) placed(f *fault.Error) *fault.Error {
	if f.Kind != fault.Stale || len(f.Issues) > 0 {
		return f
	}
	for _, name := range []string{"If-Match", "If-None-Match", "If-None-Exist"} {
		if c.r.Header.Get(name) != "" {
			return fault.At(f.Kind, fault.Issue{Code: issueType(f.Kind), Text: f.Text, Expression: "http." + name})
		}
	}
	return f
}

// guess finds the form of the answer also for a request that was refused before it was asked for.
func (c *call) guess() {
	if pairs, err := search.ParseQueryString(c.r.URL.RawQuery); err == nil {
		c.general(pairs) //nolint:errcheck // then it is JSON
	}
}

// judge is the only place where an error becomes what the caller is told and the status
// of the answer. What tells of the machinery inside is for the log.
func (c *call) judge(err error) (*fault.Error, int) {
	f := fault.Find(err)
	switch {
	case f == nil && c.r.Context().Err() != nil: // the caller has gone: nobody reads the answer, and it was nobody's mistake
		f = fault.New(fault.Unavailable, "the request was given up")
	case f == nil && errors.Is(err, context.DeadlineExceeded):
		f = fault.New(fault.TimedOut, "the request took longer than the server allows")
	case db.InDoubt(err):
		c.note(slog.LevelError, "a commit in doubt", err)
		f = inDoubt()
	case f == nil || f.Kind == fault.Internal:
		c.note(slog.LevelError, "internal error", err)
		f = fault.New(fault.Internal, "an internal error happened; it is in the log under request %s", requestID(c.r))
	case f.Kind == fault.Unavailable:
		c.note(slog.LevelWarn, "not available", err)
		f = fault.New(fault.Unavailable, "the server cannot do this now; try again in a moment")
	}
	return f, edge.StatusOf(f.Kind)
}

// inDoubt is told of a write whose commit was not answered: 504, for the database behind the server is what did not answer. Sent
// again it might be stored twice, so neither a 503 nor a Retry-After invites to that.
func inDoubt() *fault.Error {
	return fault.At(fault.TimedOut, fault.Issue{Code: "timeout", Text: "the database was lost while this was being stored, so it may be stored or not. " +
		"Look before sending it again: read what was written by its id, or search for what was created. An update by id, a delete and a create with If-None-Exist can be sent again as they are"})
}

func (c *call) note(level slog.Level, what string, err error) {
	c.s.log.Log(c.ctx, level, what, slog.String("request", requestID(c.r)), slog.String("route", c.r.Pattern), slog.Any("error", err))
}

// challenge is what RFC 6750 section 3 asks for.
func challenge(r *http.Request) string {
	if r.Header.Get("Authorization") == "" {
		return `Bearer realm="ficus"`
	}
	return `Bearer realm="ficus", error="invalid_token"`
}

// outcome is the OperationOutcome of a fault, with at least one issue.
func outcome(f *fault.Error) []byte {
	issues := slices.Clone(f.Issues)
	if len(issues) == 0 {
		issues = []fault.Issue{{Text: f.Text}}
	}
	for i := range issues {
		if issues[i].Code == "" {
			issues[i].Code = issueType(f.Kind)
		}
	}
	return fhir.Outcome("error", issues...).JSON()
}
