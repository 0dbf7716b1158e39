//! Record rules.

use rtc_model::operation::Upserted;
use rtc_model::record_rules::{
    CreateRecordRule, DeleteRecordRule, ListRecordRules, RecordRule, RecordRuleList, RecordRuleReq,
    ShowRecordRule, UpdateRecordRule,
};
use rtc_model::{AppId, RuleId};

use crate::{AllRecordRules, Client, Error, Reply};

/// Record rules.
impl Client {
    /// Makes a record rule, or replaces the rule that the location has (page `CreateRecordRule`).
    /// The answer tells which (decision D9).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
    /// - 400 `RTC.00001004`: a format is listed without its settings.
    /// - 400 `RTC.00001005`: no format is listed, or a mandatory value is absent.
    /// - 400 `RTC.00001003`: a value is out of its range.
    /// - 400 `RTC.00001019`: the location has a rule; documented, although such a rule is replaced.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::operation::Upserted;
    /// use rtc_client::model::record_rules::*;
    ///
    /// let place = RecordObsFileAddr::new(RuleLocation::CnNorth4, "the project", "demo-bucket");
    /// let rule = RecordRuleReq::new(place)
    ///     .record_formats([RecordFormat::Hls])
    ///     .hls_config(HlsRecordConfig::new(0));
    /// let answer = client.create_record_rule("123456789abcdefghijklmno", rule).await?;
    /// match answer.into_output() {
    ///     Upserted::Created(rule) => println!("{:?} is new", rule.rule_id),
    ///     other => println!("{:?} is replaced", other.get().rule_id),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_record_rule(
        &self,
        app_id: impl Into<AppId>,
        rule: impl Into<RecordRuleReq>,
    ) -> Result<Reply<Upserted<RecordRule>>, Error> {
        self.send(CreateRecordRule::new(app_id, rule)).await
    }

    /// Lists a page of the record rules of an app (page `ListRecordRules`).
    /// [`all_record_rules`](Self::all_record_rules) goes over all of them.
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
    /// - 400 `RTC.00001003`: `offset` or `limit` is out of range.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::record_rules::ListRecordRules;
    ///
    /// let list = ListRecordRules::new("123456789abcdefghijklmno").limit(10);
    /// let page = client.list_record_rules(list).await?.into_output();
    /// println!("{}", page.rules.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list_record_rules(
        &self,
        list: ListRecordRules,
    ) -> Result<Reply<RecordRuleList>, Error> {
        self.send(list).await
    }

    /// Goes over all record rules of an app, page by page; see [`AllRecordRules`].
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// let mut rules = client.all_record_rules("123456789abcdefghijklmno");
    /// while let Some(rule) = rules.next().await {
    ///     println!("{:?}", rule?.rule_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn all_record_rules(&self, app_id: impl Into<AppId>) -> AllRecordRules {
        AllRecordRules::new(self, app_id.into())
    }

    /// Queries a record rule (page `ShowRecordRule`).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app, or it has no such rule.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// let rule = client.show_record_rule("123456789abcdefghijklmno", "456789abc").await?;
    /// println!("{:?}", rule.output().obs_addr);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn show_record_rule(
        &self,
        app_id: impl Into<AppId>,
        rule_id: impl Into<RuleId>,
    ) -> Result<Reply<RecordRule>, Error> {
        self.send(ShowRecordRule::new(app_id, rule_id)).await
    }

    /// Replaces a record rule (page `UpdateRecordRule`). Streams that are being recorded go on by
    /// the old one; new ones follow the new one after 5 minutes.
    ///
    /// # Errors
    ///
    /// - 404: there is no such app, or it has no such rule.
    /// - 400 `RTC.00001019`: the rule would move to a location that has another one (decision D9).
    /// - 400 `RTC.00001003`, `RTC.00001004`, `RTC.00001005`: as in
    ///   [`create_record_rule`](Self::create_record_rule).
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::record_rules::*;
    ///
    /// let place = RecordObsFileAddr::new(RuleLocation::CnNorth4, "the project", "demo-bucket");
    /// let rule = RecordRuleReq::new(place)
    ///     .record_formats([RecordFormat::Mp4])
    ///     .mp4_config(Mp4RecordConfig::new(3600));
    /// client.update_record_rule("123456789abcdefghijklmno", "456789abc", rule).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_record_rule(
        &self,
        app_id: impl Into<AppId>,
        rule_id: impl Into<RuleId>,
        rule: impl Into<RecordRuleReq>,
    ) -> Result<Reply<RecordRule>, Error> {
        self.send(UpdateRecordRule::new(app_id, rule_id, rule)).await
    }

    /// Deletes a record rule (page `DeleteRecordRule`).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app, or it has no such rule; after an attempt whose answer was lost:
    ///   it is deleted.
    /// - 400 `RTC.00001013`: the rule is in use, by auto record or by a job that is not over
    ///   (decision D10), or by a backup rule.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// client.delete_record_rule("123456789abcdefghijklmno", "456789abc").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_record_rule(
        &self,
        app_id: impl Into<AppId>,
        rule_id: impl Into<RuleId>,
    ) -> Result<Reply<()>, Error> {
        self.send(DeleteRecordRule::new(app_id, rule_id)).await
    }
}
