import "./base.css"
