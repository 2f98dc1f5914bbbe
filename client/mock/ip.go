package mock

// maxIPs is how many addresses 198.18.0.0/15 has for hosts.
const maxIPs = 100_000
