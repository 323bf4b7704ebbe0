package raw

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fhir/r4"
)

// remove leaves a tombstone in the place of a resource that was created here: the version goes to the history, the index rows go, the outbox gets its row.
func (s *Server) remove(r *http.Request) (int, []byte, error) {
	typ, id := r.PathValue("type"), r.PathValue("id")
	n, known := r4.ResourceIndex(typ)
	made, found := s.made.LoadAndDelete(id)
	if !known || !found {
		return http.StatusNotFound, nil, nil
	}
	key := []column{{"type", "smallint"}, {"id", "text"}}
	row := []any{s.small(n), id}
	steps := []step{s.keep(key, row), tombstone(key, row)}
	for _, t := range made.([]step) {
		switch {
		case strings.HasPrefix(t.table, "ix_"):
			steps = append(steps, erase(t))
		case t.table == "outbox":
			steps = append(steps, t)
		}
	}
	return http.StatusNoContent, nil, s.groups.submit(steps, 1)
}

func tombstone(key []column, row []any) step {
	return step{
		lite:    "UPDATE resource SET version = version + 1, deleted = 1, body = NULL, updated = ?3 WHERE tenant = 1 AND type = ?1 AND id = ?2",
		pg:      "UPDATE resource r SET version = version + 1, deleted = true, body = NULL, updated = k.at FROM unnest($1::smallint[], $2::text[], $3::bigint[]) k(type, id, at) WHERE r.tenant = 1 AND r.type = k.type AND r.id = k.id",
		columns: append(key[:2:2], column{"updated", "bigint"}),
		rows:    [][]any{append(row[:2:2], time.Now().UnixMicro())},
	}
}

// erase deletes the rows that an insert made.
func erase(insert step) step {
	var names, arrays, lite, pg []string
	for i, c := range insert.columns {
		names = append(names, c.name)
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+1, c.kind))
		lite = append(lite, fmt.Sprintf("%s = ?%d", c.name, i+1))
		pg = append(pg, "x."+c.name+" = k."+c.name)
		if c.name == "hash" { // by whose half the index of tokens finds it
			pg = append(pg, "(x.hash >> 32)::int4 = (k.hash >> 32)::int4")
		}
	}
	return step{
		lite:    "DELETE FROM " + insert.table + " WHERE " + strings.Join(lite, " AND "),
		pg:      "DELETE FROM " + insert.table + " x USING unnest(" + strings.Join(arrays, ",") + ") k(" + strings.Join(names, ",") + ") WHERE " + strings.Join(pg, " AND "),
		columns: insert.columns, rows: insert.rows,
	}
}
