"""Mappings and workloads as other mappers write them, read into loop nests.

chain       Einsums in a sentence: ``S[m,n]=Q[m,e]*Kt[e,n]; ... M=N=512, E=F=64, 8 bits``
looptree    AccelForge's mapping, node by node, fused Einsums as branches
uneven      ZigZag's mapping, one list of loops an operand and level
files       what a reference is read from
machines    the machines both describe, in YAML
rules       what such a machine allows a mapper
"""
