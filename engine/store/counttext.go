package store

import (
	"fmt"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
)

// countText counts how often each row of a table stands that is given by all its columns.
func countText(table, columns, types string) db.Text {
	names, kinds := strings.Fields(columns), strings.Fields(types)
	var lite, post, arrays []string
	for i, name := range names {
		lite = append(lite, fmt.Sprintf("%s = $%d", name, i+1))
		post = append(post, fmt.Sprintf("x.%s = q.%s", name, name))
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+1, kinds[i]))
	}
	if table == "ix_token" { // it has no index by the whole hash
		post = append(post, halfOf("x.hash")+" = "+halfOf("q.hash"))
	}
	return db.Text{
		SQLite: fmt.Sprintf("SELECT $%d, COUNT(*) FROM %s WHERE %s", len(names)+1, table, strings.Join(lite, " AND ")),
		Postgres: fmt.Sprintf("SELECT q.n - 1, x.n FROM unnest(%s) WITH ORDINALITY AS q(%s, n) CROSS JOIN LATERAL (SELECT COUNT(*) AS n FROM %s x WHERE %s) x",
			strings.Join(arrays, ", "), strings.Join(names, ", "), table, strings.Join(post, " AND ")),
	}
}
