package store

import (
	"math"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/search"
)

// special compiles the parameters that have a form of their own.
func (c *compiler) special(k search.Clause, v search.Value) ([]probe, error) {
	if k.Code == "near" {
		return []probe{c.around(k, v)}, nil
	}
	return nil, c.cannot(k, "is not supported as a condition of a write")
}

// around finds places within a distance along the surface of the earth: those between two latitudes and two longitudes
// first, which the index has in order; of these the ones whose straight distance is not too long.
func (c *compiler) around(k search.Clause, v search.Value) probe {
	angle := v.Within / index.EarthRadius
	high := angle * 180 / math.Pi
	places := where("x.hash = ? AND x.lo >= ? AND x.lo <= ?", c.h.PlaceDegrees(c.typ, k.Code), v.Lat-high, v.Lat+high)
	p := probe{table: "ix_number", where: []test{places}}
	if wide, ok := breadth(v.Lat, angle); ok {
		p.where = append(p.where, meridians(v.Lon, wide))
	}
	x, y, z := index.Point(v.Lat, v.Lon)
	chord := 2 * math.Sin(min(angle, math.Pi)/2)
	p.where = append(p.where, c.straight(c.h.PlaceXY(c.typ, k.Code), c.h.PlaceZ(c.typ, k.Code), x, x, y, y, z, z, chord*chord))
	return p
}

// straight compares the straight distance between points, whose coordinates stand in two rows.
func (c *compiler) straight(xy, z int64, args ...any) test {
	of, hashes := "", []any{xy, z}
	if c.s.db.Dialect() == db.Postgres {
		of = " AND " + halfOf("p.hash") + " = ? AND " + halfOf("q.hash") + " = ?"
		hashes = append(hashes, half(xy), half(z))
	}
	return where(`(SELECT 1 FROM ix_number p CROSS JOIN ix_number q
		WHERE p.tenant = $1 AND q.tenant = $1 AND p.hash = ? AND q.hash = ?`+of+` AND p.rid = x.rid AND q.rid = x.rid
		AND (p.lo - ?) * (p.lo - ?) + (p.hi - ?) * (p.hi - ?) + (q.lo - ?) * (q.lo - ?) <= ? LIMIT 1) IS NOT NULL`, append(hashes, args...)...)
}

// breadth is how many degrees of longitude the circle reaches to each side; not ok if it holds a pole.
func breadth(lat, angle float64) (degrees float64, ok bool) {
	sine := math.Sin(angle) / math.Cos(lat*math.Pi/180)
	if math.Abs(lat)*math.Pi/180+angle >= math.Pi/2 || sine >= 1 {
		return 0, false
	}
	return math.Asin(sine)*180/math.Pi + 1e-9, true
}

// meridians keeps what lies between two longitudes, also across the 180th.
func meridians(lon, wide float64) test {
	west, east := lon-wide, lon+wide
	switch {
	case west < -180:
		return where("(x.hi >= ? OR x.hi <= ?)", west+360, east)
	case east > 180:
		return where("(x.hi >= ? OR x.hi <= ?)", west, east-360)
	}
	return where("x.hi >= ? AND x.hi <= ?", west, east)
}
