"""One small stack that is as it should be, and the same with a host that stops nginx."""

from __future__ import annotations

GOOD = """\
services:
  web:
    image: example/web:1.4
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: shop.example.com
        com.docker.lb.port: "8080"
        com.docker.lb.network: shop_front
networks:
  front:
    driver: overlay
"""
BAD = GOOD.replace("shop.example.com", "http://shop.example.com")
