package store

// Tenant is the number of the caller's tenant.
func (d *Desk) Tenant() int32 { return d.p.Tenant }

// Subject is the stable id of the caller.
func (d *Desk) Subject() string { return d.p.Subject }
