package db

// Stats says how much of the pool of connections is in use right now.
type Stats struct {
	Max   int // connections that may be open
	InUse int // connections in the hands of a caller
}

// Stats is for metrics; it costs nothing.
func (d *DB) Stats() Stats {
	switch p := d.pool.(type) {
	case *pg:
		s := p.pool.Stat()
		return Stats{Max: int(s.MaxConns()), InUse: int(s.AcquiredConns())}
	case *lite:
		return Stats{Max: cap(p.readers) + cap(p.writer), InUse: len(p.readers) + cap(p.writer) - len(p.writer)}
	}
	return Stats{}
}
