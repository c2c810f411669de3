//! Values that would lead elsewhere stay values.

use serde_json::json;

use super::{api, paris, travel, trip};
use crate::setup::ask;

#[tokio::test]
async fn an_id_is_one_segment_whatever_it_holds() {
    let api = api().await;
    let travel = travel(&api);
    for id in ["../../security/oauth2/token", "C/../../x", "CCDG?x=1", "CCDG#x", "%2e%2e", "ü"] {
        let error = travel.query(ask("get_location").with(json!({"locationId": id}))).await.unwrap_err();
        assert!(error.to_string().contains("refused the request"), "{id}: {error}");
        let seen = api.seen().pop().unwrap();
        assert_eq!((seen.segments().len(), seen.query.as_str()), (4, ""), "{id}");
        assert_eq!(seen.segments()[3], id);
    }
    api.forget();
    for id in ["..", ".", "OFFER1\r\nX-Evil: 1", "\0"] {
        for (name, parameter) in [("get_location", "locationId"), ("get_hotel_offer", "offerId")] {
            let error = travel.query(ask(name).with(json!({ parameter: id }))).await.unwrap_err();
            assert!(error.to_string().contains("must be an identifier"), "{id:?}: {error}");
        }
    }
    assert_eq!(api.seen().len(), 0);
}

#[tokio::test]
async fn a_value_of_a_query_adds_no_parameter() {
    let api = api().await;
    let travel = travel(&api);
    let mut sly = paris();
    sly["keyword"] = json!("PAR&page[limit]=1#x");
    assert!(travel.query(ask("search_locations").with(sly)).await.is_err());
    let seen = api.seen().pop().unwrap();
    assert_eq!(seen.parameter("keyword").as_deref(), Some("PAR&page[limit]=1#x"));
    assert_eq!(seen.parameter("page[limit]").as_deref(), Some("100"));
    let mut sly = trip();
    sly["currencyCode"] = json!("EUR\r\nX: 1");
    assert!(travel.query(ask("search_flights").with(sly)).await.is_err());
    assert_eq!(api.seen().pop().unwrap().parameter("currencyCode").as_deref(), Some("EUR\r\nX: 1"));
}
