package rest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// etag is the ETag of a version (https://hl7.org/fhir/R4/http.html#versioning).
func etag(number int64) string { return `W/"` + strconv.FormatInt(number, 10) + `"` }

// describe sets the headers that say which version an answer is about.
func describe(h http.Header, v store.Version) {
	h.Set("ETag", etag(v.Number))
	h.Set("Last-Modified", v.Updated.UTC().Format(http.TimeFormat))
}

// ifMatch reads the versionId that an If-Match header asks for; "" if there is none.
// Faults: Invalid for anything but one tag.
func ifMatch(r *http.Request) (string, error) {
	h := r.Header.Get("If-Match")
	if len(r.Header.Values("If-Match")) == 0 {
		return "", nil
	}
	if h == "*" { // any version, but one (RFC 9110 section 13.1.1)
		return h, nil
	}
	version, err := store.VersionOf(h)
	if err != nil || len(r.Header.Values("If-Match")) > 1 {
		return "", fault.At(fault.Invalid, fault.Issue{Code: "value", Text: `If-Match must be one version, such as W/"3"`, Expression: "http.If-Match"})
	}
	return version, nil
}

// tag takes an entity tag apart. The quotation marks are required by RFC 9110, but often forgotten.
func tag(s string) (version string, ok bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "W/")
	if inner, quoted := strings.CutPrefix(s, `"`); quoted {
		return strings.CutSuffix(inner, `"`)
	}
	return s, s != ""
}

// unchanged reports whether the caller's copy is still good (RFC 9110 section 13.1: a
// tag is looked at first, and the date only if there is none).
func unchanged(r *http.Request, v store.Version) bool {
	if h := r.Header.Get("If-None-Match"); h != "" {
		return listed(h, strconv.FormatInt(v.Number, 10))
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !v.Updated.Truncate(time.Second).After(since)
}

func listed(header, version string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if t, ok := tag(part); ok && (t == version || t == "*") {
			return true
		}
	}
	return false
}
