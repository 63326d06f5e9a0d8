module sidecars/cluster/images/pause

go 1.26.0
