package raw

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fhir/r4"
)

// bodies begins every search: the page's bodies from an index table x.
func bodies(table, where string) string {
	return "SELECT r.body FROM " + table + " x JOIN resource r ON r.tenant = x.tenant AND r.rid = x.rid WHERE x.tenant = 1 AND " + where + " LIMIT 20"
}

// search answers the queries of the workloads and no others, each by one range of an index.
func (s *Server) search(r *http.Request) (int, []byte, error) {
	sql, args, ok := s.find(r.PathValue("type"), r.URL.Query())
	if !ok {
		return http.StatusNotFound, nil, nil
	}
	rows, err := s.base.rows(r.Context(), sql, args...)
	if err != nil {
		return 0, nil, err
	}
	body := []byte(`{"resourceType":"Bundle","type":"searchset","entry":[`)
	for i, row := range rows {
		if i > 0 {
			body = append(body, ',')
		}
		b, _ := row[0].([]byte)
		body = append(append(append(body, `{"resource":`...), b...), '}')
	}
	return http.StatusOK, append(body, "]}"...), s.record(r, len(rows))
}

func (s *Server) find(typ string, q url.Values) (sql string, args []any, ok bool) {
	h := s.hasher
	switch {
	case q.Has("code"):
		_, code, _ := strings.Cut(q.Get("code"), "|")
		return bodies("ix_token", "x.hash = $1"), []any{h.TokenCode(typ, "code", code)}, true
	case q.Has("family"):
		name := strings.ToLower(q.Get("family"))
		return bodies("ix_string", "x.hash = $1 AND x.value >= $2 AND x.value < $3"), []any{h.Param(typ, "family"), name, name + "\U0010ffff"}, true
	case q.Has("date"):
		at, err := time.Parse(time.DateOnly, strings.TrimPrefix(q.Get("date"), "ge"))
		return bodies("ix_date", "x.hash = $1 AND x.lo >= $2"), []any{h.Param(typ, "date"), at.UnixMicro()}, err == nil
	case q.Has("value-quantity"):
		parts := strings.Split(strings.TrimPrefix(q.Get("value-quantity"), "gt"), "|")
		n, err := strconv.ParseFloat(parts[0], 64)
		return bodies("ix_number", "x.hash = $1 AND x.lo > $2 AND x.code = $3"), []any{h.Param(typ, "value-quantity"), n, int64(h.Unit(parts[len(parts)-1]))}, err == nil
	case q.Has("subject"):
		to, id, _ := strings.Cut(q.Get("subject"), "/")
		n, known := r4.ResourceIndex(to)
		return bodies("ix_ref", "x.target = (SELECT t.rid FROM resource t WHERE t.tenant = 1 AND t.type = $2 AND t.id = $3) AND x.hash = $1"), []any{h.Param(typ, "subject"), int64(n), id}, known
	}
	return "", nil, false
}
